import { skyLines, type Plate } from './ink.js'

export function Mountain({ dark, light, paper, seed }: Plate) {
  const sun = 18 + (seed % 6) * 12
  return (
    <>
      <path d="M-40-40h180v180h-180z" fill={light} />
      <circle cx={sun} cy="28" r="12" fill={paper} />
      <path d={skyLines(-20, 70)} stroke={dark} strokeWidth=".7" opacity=".35" />
      <g transform={seed % 2 ? undefined : 'matrix(-1 0 0 1 100 0)'}>
        <path d="M-40 86L18 48l16 14 12-8 94 50z" fill={dark} opacity=".45" />
        <path d="M10 90l46-66 14 18 8-6 62 60z" fill={dark} />
        <path d="M56 24l14 18-5 6-7-5-4 9-7-5-9 8z" fill={paper} />
        <path d="M78 36l12 11-5 3-4-3-4 5-3-7z" fill={paper} />
        <path
          d="M52 58l-18 32M62 56l-6 34M72 56l8 34M86 58l16 32"
          stroke={paper}
          strokeWidth=".8"
          opacity=".55"
        />
        <path d="M-40 90q60-12 100-4t80-2v40h-180z" fill={dark} />
        <path
          d="M-40 94q60-10 100-2t80-2M-40 98q60-8 100 0t80 0"
          stroke={paper}
          strokeWidth=".7"
          fill="none"
          opacity=".6"
        />
      </g>
    </>
  )
}

export function Fern({ dark, light, paper, seed }: Plate) {
  const lean = (seed % 7) * 3 - 9
  const leaves = Array.from({ length: 9 }, (_, index) => {
    const y = 84 - index * 8
    const length = 36 - index * 3.3
    const leaf = `q${length * 0.5}-14 ${length}-${12 + index} q-${length * 0.34} ${12 + index} -${length} ${12 + index}z`
    return { y, leaf }
  })
  return (
    <>
      <path d="M-40-40h180v180h-180z" fill={paper} />
      <circle cx="50" cy="48" r="47" fill={light} />
      <g transform={`rotate(${lean} 50 96)`}>
        <path d="M50 104C48 70 50 40 52 8" stroke={dark} strokeWidth="1.8" fill="none" />
        {leaves.map(({ y, leaf }) => (
          <g key={y} fill={dark}>
            <path d={`M50 ${y}${leaf}`} />
            <path d={`M50 ${y}${leaf}`} transform="matrix(-1 0 0 1 100 3)" opacity=".72" />
          </g>
        ))}
        <path d="M52 12c1-7 8-8 9-3 0 4-5 5-6 1" stroke={dark} strokeWidth="2" fill="none" />
      </g>
    </>
  )
}

export function Moth({ dark, light, paper, seed }: Plate) {
  const wing = (
    <>
      <path d="M52 44C60 24 80 12 97 16c1 18-10 32-26 36-8 2-15 0-19-2z" fill={dark} />
      <path d="M52 52c10-2 26 2 30 12 2 12-6 20-14 20-9-3-15-18-16-28z" fill={dark} opacity=".78" />
      <path d="M62 36c8-8 18-13 28-14M64 44c8-2 18-8 24-16" stroke={light} strokeWidth="1.2" fill="none" />
      <circle cx="76" cy="34" r="5.5" fill={paper} />
      <circle cx="76" cy="34" r="2.6" fill={dark} />
      <circle cx="69" cy="66" r="4" fill={light} />
      <path d="M58 60c4 8 8 14 12 18M64 56c6 4 10 8 14 12" stroke={paper} strokeWidth=".9" fill="none" />
    </>
  )
  return (
    <>
      <path d="M-40-40h180v180h-180z" fill={light} />
      <path d={skyLines(-20, 130)} stroke={dark} strokeWidth=".6" opacity=".2" />
      <circle cx="50" cy="48" r="45" fill={paper} opacity=".75" />
      <g transform={`rotate(${(seed % 7) * 4 - 12} 50 50)`}>
        {wing}
        <g transform="matrix(-1 0 0 1 100 0)">{wing}</g>
        <path d="M50 34c5 6 5 34 0 46-5-12-5-40 0-46z" fill={dark} stroke={paper} strokeWidth="1.2" />
        <path d="M46 58h8M46 64h8M47 70h6" stroke={paper} strokeWidth="1" />
        <path d="M49 36C46 28 40 24 34 24M51 36c3-8 9-12 15-12" stroke={dark} strokeWidth="1.3" fill="none" />
        <circle cx="50" cy="36" r="4" fill={dark} />
      </g>
    </>
  )
}

export function Aqueduct({ dark, light, paper, seed }: Plate) {
  const lower = Array.from({ length: 6 }, (_, index) => arch(-22 + index * 26, 60, { width: 18, height: 40 }))
  const upper = Array.from({ length: 12 }, (_, index) => arch(-22 + index * 13, 38, { width: 8, height: 15 }))
  return (
    <>
      <path d="M-40-40h180v180h-180z" fill={light} />
      <path d={skyLines(-24, 60)} stroke={dark} strokeWidth=".7" opacity=".3" />
      <circle cx={20 + (seed % 6) * 12} cy="20" r="10" fill={paper} />
      <path d="M-40 76q50-30 90-10t90-14v60h-180z" fill={dark} opacity=".35" />
      <path
        d={`M-40 34h180v66h-180z${upper.join('')}${lower.join('')}`}
        fill={paper}
        fillRule="evenodd"
        stroke={dark}
        strokeWidth="1.2"
      />
      <path d="M-40 34h180v3h-180zM-40 55h180v2.4h-180z" fill={dark} />
      <path d="M-40 96q40-6 90 0t90-2v40h-180z" fill={dark} />
      <path d="M-40 102q40-6 90 0t90-2" stroke={paper} strokeWidth=".8" fill="none" opacity=".6" />
      <path d="M84 96c-2-14 0-26 4-32 4 6 6 18 4 32z" fill={dark} />
    </>
  )
}

/** The outline of an opening with a round top. */
function arch(x: number, y: number, { width, height }: { width: number; height: number }) {
  const radius = width / 2
  const side = height - radius
  return `M${x} ${y + height}v-${side}a${radius} ${radius} 0 0 1 ${width} 0v${side}z`
}
