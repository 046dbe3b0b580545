import { skyLines, type Plate } from './ink.js'

function stars(seed: number, count: number) {
  let path = ''
  for (let star = 0; star < count; star++) {
    const x = (seed * 37 + star * 61) % 100
    const y = (seed * 17 + star * 29) % 62
    path += `M${x} ${y - 1.6}v3.2M${x - 1.6} ${y}h3.2`
  }
  return path
}

function Hills({ dark, seed }: { dark: string; seed: number }) {
  const peak = 30 + (seed % 5) * 10
  return (
    <>
      <path d={`M-40 92Q${peak} 62 140 88v40h-180z`} fill={dark} opacity=".6" />
      <path d={`M-40 96Q${90 - peak / 2} 76 140 98v40h-180z`} fill={dark} />
    </>
  )
}

export function Comet({ dark, light, paper, seed }: Plate) {
  return (
    <>
      <path d="M-40-40h180v180h-180z" fill={dark} />
      <path d={stars(seed, 16)} stroke={light} strokeWidth=".9" />
      <g transform={`rotate(${(seed % 7) * 6 - 18} 50 46)${seed % 2 ? '' : ' matrix(-1 0 0 1 100 0)'}`}>
        <path d="M30 55C50 40 78 26 108 18 84 34 62 50 40 66z" fill={light} opacity=".45" />
        <path d="M29 57C48 46 76 38 112 34 84 46 58 58 38 66z" fill={light} opacity=".5" />
        <path d="M30 58c18-9 42-20 72-28-24 14-44 26-64 36z" fill={paper} />
        <circle cx="33" cy="61" r="8.5" fill={paper} />
        <circle cx="31" cy="62" r="5" fill={light} />
      </g>
      <path d="M-40 92q50-12 90-4t90-2v40h-180z" fill={light} opacity=".35" />
      <path d="M70 90v-9a7 7 0 0 1 14 0v9zM76 74l4-6" stroke={paper} strokeWidth="1.4" fill={dark} />
    </>
  )
}

export function Moon({ dark, light, paper, seed }: Plate) {
  const x = 34 + (seed % 4) * 10
  return (
    <>
      <path d="M-40-40h180v180h-180z" fill={dark} />
      <path d={stars(seed, 12)} stroke={light} strokeWidth=".9" />
      <circle cx={x} cy="42" r="30" fill={light} opacity=".16" />
      <circle cx={x} cy="42" r="22" fill={paper} />
      <g fill={light}>
        <circle cx={x - 8} cy="36" r="5" />
        <circle cx={x + 7} cy="32" r="3" />
        <circle cx={x + 4} cy="48" r="6" />
        <circle cx={x - 10} cy="52" r="2.5" />
      </g>
      <path d="M-40 80Q20 62 60 78t80-6v60h-180z" fill={light} opacity=".45" />
      <path d="M-40 92Q40 74 140 94v40h-180z" fill={light} opacity=".5" />
      <path
        d="M16 88V76l7-6 7 6v12zM74 92V66m0 4l-7 8h14zm0-8l-5 7h10z"
        fill={dark}
        stroke={dark}
        strokeWidth="1"
      />
      <path d="M21.5 80h3v4h-3z" fill={paper} />
    </>
  )
}

export function Balloon({ dark, light, paper, seed }: Plate) {
  const tilt = (seed % 5) * 3 - 6
  return (
    <>
      <path d="M-40-40h180v180h-180z" fill={light} />
      <path d={skyLines(-24, 90)} stroke={dark} strokeWidth=".7" opacity=".28" />
      <path
        d="M6 30c0-5 7-7 10-3 4-5 12-2 11 4 5 0 6 6 1 6H8c-5 0-6-6-2-7zM70 62c0-4 6-6 9-2 4-4 11-1 10 4 4 0 5 5 1 5H72c-5 0-5-6-2-7z"
        fill={paper}
      />
      <Hills dark={dark} seed={seed} />
      <g transform={`rotate(${tilt} 50 40)`}>
        <circle cx="50" cy="34" r="24" fill={paper} stroke={dark} strokeWidth="1.4" />
        <path d="M50 10c-16 8-16 40 0 48 16-8 16-40 0-48z" fill={dark} />
        <path d="M50 10c-6 10-6 38 0 48 6-10 6-38 0-48z" fill={paper} />
        <path d="M28 44h44l-14 16H42z" fill={paper} stroke={dark} strokeWidth="1.2" />
        <path d="M42 60l3 12m13-12l-3 12M50 60v12" stroke={dark} strokeWidth="1" />
        <path d="M43.5 72h13l-1.5 10H45z" fill={dark} />
        <path d="M44 75h12" stroke={paper} strokeWidth="1" />
      </g>
    </>
  )
}

export function Swallow({ dark, light, paper, seed }: Plate) {
  return (
    <>
      <path d="M-40-40h180v180h-180z" fill={light} />
      <path d={skyLines(-24, 84)} stroke={dark} strokeWidth=".7" opacity=".26" />
      <circle cx={seed % 2 ? 76 : 26} cy="30" r="13" fill={paper} />
      <Hills dark={dark} seed={seed + 2} />
      <g transform={`rotate(${(seed % 6) * 5 - 14} 50 46)${seed % 2 ? '' : ' matrix(-1 0 0 1 100 0)'}`}>
        <path
          d="M44 50C36 34 22 18 2 12c6 18 18 34 36 42zM52 44C54 28 66 12 88 4 88 22 76 40 58 50z"
          fill={dark}
        />
        <path d="M62 50c16 4 26 12 36 24-14-6-22-8-30-14 4 10 6 20 6 30-6-14-12-24-22-32z" fill={dark} />
        <path d="M22 50c4-8 14-12 24-10 10 1 18 6 20 14-8 6-20 8-28 4-8 0-14-3-16-8z" fill={dark} />
        <path d="M27 54c8 0 24-2 36-1-8 6-18 7-25 4-5 0-9-1-11-3z" fill={paper} />
        <path d="M23 48l-8 4 9 2z" fill={dark} />
        <circle cx="29" cy="48" r="1.3" fill={paper} />
      </g>
    </>
  )
}
