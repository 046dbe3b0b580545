import type { Stamp as StampFacts } from '../../data/stamps.js'
import { FRAMES } from './frames.js'
import { PAPER, plateOf } from './ink.js'
import styles from './stamp.module.css'
import { VIGNETTES } from './vignettes.js'

export type Drawable = Pick<
  StampFacts,
  'id' | 'country' | 'face' | 'motif' | 'ink' | 'frame' | 'year' | 'used'
>

interface StampProps {
  stamp: Drawable
  /** What the picture shows, where no text beside it says so. */
  label?: string
}

/** The picture of a stamp, drawn from its facts. */
export function Stamp({ stamp, label }: StampProps) {
  const plate = plateOf(stamp)
  const Frame = FRAMES[stamp.frame] ?? FRAMES[0]!
  const Vignette = VIGNETTES[stamp.motif]
  return (
    <svg
      className={styles.stamp}
      viewBox="0 0 120 150"
      width="120"
      height="150"
      {...(label === undefined ? { 'aria-hidden': true } : { role: 'img', 'aria-label': label })}
    >
      <path d="M0 0h120v150H0z" fill={PAPER} />
      <Frame plate={plate} country={stamp.country} face={stamp.face}>
        <Vignette {...plate} />
      </Frame>
      {stamp.used ? <Postmark seed={stamp.id} year={stamp.year} /> : null}
      {/* The holes: dots in the colour of whatever the stamp lies on. */}
      <path className={styles.holes} d="M0 0h120v150H0z" />
    </svg>
  )
}

/** A stamp as an album shows it: in a black mount, which brings out its edge. */
export function MountedStamp(props: StampProps) {
  return (
    <div className={styles.mount}>
      <Stamp {...props} />
    </div>
  )
}

function Postmark({ seed, year }: { seed: number; year: number }) {
  const x = seed % 2 === 0 ? 92 : 28
  const y = seed % 3 === 0 ? 38 : 104 + (seed % 4) * 6
  return (
    <g className={styles.postmark} transform={`rotate(${(seed % 9) * 7 - 28} ${x} ${y})`}>
      <circle cx={x} cy={y} r="25" />
      <circle cx={x} cy={y} r="17" />
      <path
        d={`M${x + 25} ${y - 9}q8-5 16 0t16 0 16 0 16 0M${x + 26} ${y}q8-5 16 0t16 0 16 0 16 0M${x + 25} ${y + 9}q8-5 16 0t16 0 16 0 16 0`}
      />
      <text x={x} y={y + 3.5}>
        {1 + (seed % 28)}·{1 + (seed % 12)}·{String(year).slice(2)}
      </text>
    </g>
  )
}
