import { skyLines, waves, type Plate } from './ink.js'

function Sea({ dark, light, y }: { dark: string; light: string; y: number }) {
  return (
    <>
      <path d={`M-40 ${y}h180v60h-180z`} fill={light} />
      <path d={`M-40 ${y}h180v60h-180z`} fill={dark} opacity=".28" />
      <path d={waves(y + 6, 6)} fill="none" stroke={dark} strokeWidth="1" opacity=".8" />
    </>
  )
}

export function Lighthouse({ dark, light, paper, seed }: Plate) {
  const turn = seed % 2 === 0 ? 1 : -1
  return (
    <>
      <path d="M-40-40h180v180h-180z" fill={light} />
      <path d={skyLines(-20, 74)} stroke={dark} strokeWidth=".7" opacity=".35" />
      <g transform={turn === 1 ? undefined : 'matrix(-1 0 0 1 100 0)'}>
        <path d="M60 23L140-6v46z" fill={paper} />
        <path d="M60 23L-40 6v26z" fill={paper} opacity=".6" />
        <Sea dark={dark} light={light} y={76} />
        <path d="M28 84c6-12 16-14 24-13 12-3 26 0 36 13z" fill={dark} />
        <path d="M52 73l4-41h8l4 41z" fill={paper} stroke={dark} strokeWidth="1.4" />
        <path d="M55 44h10l1 9H54zM53.3 62h13.4l1 10H52.2z" fill={dark} />
        <path d="M53 32h14v-3H53zM56 29h8V19h-8zM54 19h12l-6-7z" fill={dark} />
        <path d="M57.5 27h5v-6h-5z" fill={paper} />
      </g>
    </>
  )
}

export function Steamer({ dark, light, paper, seed }: Plate) {
  const smoke = 8 + (seed % 5) * 3
  return (
    <>
      <path d="M-40-40h180v180h-180z" fill={light} />
      <path d={skyLines(-20, 62)} stroke={dark} strokeWidth=".7" opacity=".3" />
      <circle cx={22 + (seed % 3) * 6} cy="22" r="9" fill={paper} />
      <path
        d={`M56 34c4-10 14-8 18-14s14-6 ${smoke}-10c14 0 20-4 26-2-8 8-24 6-30 12s-16 4-22 16z`}
        fill={dark}
        opacity=".45"
      />
      <Sea dark={dark} light={light} y={66} />
      <path d="M12 56h78l-10 18H22z" fill={dark} />
      <path d="M12 60h76l-1.5 2.6H13.4z" fill={paper} />
      <path d="M28 56V46h40v10zM36 46v-6h22v6z" fill={paper} stroke={dark} strokeWidth="1.3" />
      <path d="M50 40l1-14h8l1 14z" fill={dark} />
      <path d="M50.7 31h8.6l.3 3h-9.2z" fill={paper} />
      <path d="M20 56V22M80 56V24M20 24l60 30M80 26L28 46" stroke={dark} strokeWidth=".9" fill="none" />
      <path d="M33 51h3m4 0h3m4 0h3m4 0h3m4 0h3" stroke={dark} strokeWidth="2.4" />
    </>
  )
}

export function Fish({ dark, light, paper, seed }: Plate) {
  const scales = Array.from(
    { length: 4 },
    (_, row) => `M${38 + row * 3} ${41 + row * 6}${'q4 5 8 0'.repeat(4)}`,
  )
  return (
    <>
      <path d="M-40-40h180v180h-180z" fill={light} />
      <path d={waves(8, 4)} fill="none" stroke={dark} strokeWidth=".8" opacity=".45" />
      <path d={waves(82, 5)} fill="none" stroke={dark} strokeWidth=".8" opacity=".45" />
      <g transform={`rotate(${(seed % 5) * 4 - 10} 50 50)${seed % 2 ? '' : ' matrix(-1 0 0 1 100 0)'}`}>
        <path d="M76 50l19-15c-3 10-3 20 0 30z" fill={dark} />
        <path d="M40 35c6-11 18-13 26-10l-2 11zM44 66l8 9 10-3-1-8z" fill={dark} opacity=".75" />
        <path d="M5 51c14-22 48-26 75-3v5C54 76 20 74 5 51z" fill={paper} stroke={dark} strokeWidth="1.6" />
        <path d="M5 51c14-22 48-26 75-3C56 36 24 38 5 51z" fill={dark} opacity=".55" />
        <path d={scales.join('')} fill="none" stroke={dark} strokeWidth="1" />
        <path d="M29 38c5 8 5 18-1 27" fill="none" stroke={dark} strokeWidth="1.4" />
        <circle cx="18" cy="47" r="3.6" fill={paper} stroke={dark} strokeWidth="1" />
        <circle cx="18" cy="47" r="1.5" fill={dark} />
      </g>
    </>
  )
}

export function Whale({ dark, light, paper, seed }: Plate) {
  return (
    <>
      <path d="M-40-40h180v180h-180z" fill={light} />
      <path d={skyLines(-20, 56)} stroke={dark} strokeWidth=".7" opacity=".3" />
      <g transform={seed % 2 ? undefined : 'matrix(-1 0 0 1 100 0)'}>
        <path
          d="M30 38c-2-12-10-16-17-13 7-1 11 4 12 9-6-5-12-4-15 1 6-3 12-1 16 4zM32 38c0-12 7-18 15-16-7 1-10 6-10 11 5-6 11-6 14-1-6-2-12 1-15 7z"
          fill={paper}
          stroke={dark}
          strokeWidth=".8"
        />
        <path
          d="M6 68C6 46 24 38 42 40c20 2 30 18 42 16 4-1 6-6 5-12-7-2-10-7-9-12 6 0 10 3 12 7 3-4 8-5 13-3-1 5-5 9-10 10 2 16-8 30-27 30H16C9 76 6 73 6 68z"
          fill={dark}
        />
        <path d="M7 66c10 4 26 3 36-3-2 8-12 13-26 13-7 0-10-4-10-10z" fill={paper} />
        <path d="M12 70c8 1 18 0 26-4M17 74c6 0 12-1 17-4" stroke={dark} strokeWidth=".9" fill="none" />
        <circle cx="34" cy="58" r="1.5" fill={paper} />
      </g>
      <Sea dark={dark} light={light} y={74} />
    </>
  )
}
