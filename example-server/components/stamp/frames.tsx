import type { ReactNode } from 'react'
import type { Plate } from './ink.js'
import styles from './stamp.module.css'

export interface FrameProps {
  plate: Plate
  country: string
  /** The face value, e.g. `5 heller`. */
  face: string
  children: ReactNode
}

interface LineProps {
  text: string
  x: number
  y: number
  size: number
  fill: string
  /** The space the line may take; longer text is set smaller. */
  room: number
  anchor?: 'start' | 'middle' | 'end'
  /** The lettering of later years. */
  modern?: boolean
}

function Line({ text, x, y, size, fill, room, anchor = 'middle', modern = false }: LineProps) {
  const fitting = Math.min(size, room / (text.length * 0.78))
  return (
    <text
      x={x}
      y={y}
      fill={fill}
      fontSize={Number(fitting.toFixed(2))}
      {...(modern ? { className: styles.modern } : {})}
      {...(anchor === 'middle' ? {} : { style: { textAnchor: anchor } })}
    >
      {text}
    </text>
  )
}

function Field(props: { x: number; y: number; width: number; height: number; children: ReactNode }) {
  const { children, ...place } = props
  return (
    <svg {...place} viewBox="0 0 100 100" preserveAspectRatio="xMidYMid slice">
      {children}
    </svg>
  )
}

/** Rules all around, the country's name in a band above, the value in a band below. */
function Ruled({ plate, country, face, children }: FrameProps) {
  return (
    <>
      <path d="M9 9h102v132H9z" fill={plate.paper} stroke={plate.dark} strokeWidth="1.2" />
      <path d="M12 12h96v15H12zM12 123h96v15H12z" fill={plate.dark} />
      <Field x={12} y={29} width={96} height={92}>
        {children}
      </Field>
      <path d="M12 29h96v92H12z" fill="none" stroke={plate.dark} strokeWidth=".8" />
      <Line text={country.toUpperCase()} x={60} y={22.6} size={8.5} room={88} fill={plate.paper} />
      <Line text={face.toUpperCase()} x={60} y={133.6} size={8.5} room={86} fill={plate.paper} />
    </>
  )
}

/** A solid plate with an arched window. */
function Arched({ plate, country, face, children }: FrameProps) {
  const [value = '', ...unit] = face.split(' ')
  return (
    <>
      <Field x={10} y={16} width={100} height={106}>
        {children}
      </Field>
      <path d="M9 9h102v132H9zM18 116h84V66a42 42 0 0 0-84 0z" fill={plate.dark} fillRule="evenodd" />
      <path d="M18 116h84V66a42 42 0 0 0-84 0z" fill="none" stroke={plate.light} strokeWidth="1.4" />
      <path d="M12 12h96v126H12z" fill="none" stroke={plate.light} strokeWidth=".7" />
      <path d="M16 16l12 0-12 12zM104 16l-12 0 12 12z" fill={plate.light} />
      <Line text={country.toUpperCase()} x={60} y={126.5} size={7.5} room={88} fill={plate.paper} />
      <Line text={`${value} ${unit.join(' ')}`} x={60} y={135.5} size={7.5} room={86} fill={plate.light} />
    </>
  )
}

/** A round picture, the value in both lower corners. */
function Medallion({ plate, country, face, children }: FrameProps) {
  const [value = '', ...unit] = face.split(' ')
  return (
    <>
      <path d="M9 9h102v132H9z" fill={plate.light} />
      <Field x={14} y={26} width={92} height={92}>
        {children}
      </Field>
      <path
        d="M12 24h96v96H12zM60 29a43 43 0 0 0 0 86 43 43 0 0 0 0-86z"
        fill={plate.light}
        fillRule="evenodd"
      />
      <circle cx="60" cy="72" r="43" fill="none" stroke={plate.dark} strokeWidth="2.4" />
      <circle cx="60" cy="72" r="46" fill="none" stroke={plate.dark} strokeWidth=".6" />
      <path d="M9 9h102v132H9z" fill="none" stroke={plate.dark} strokeWidth="1.2" />
      <Line text={country.toUpperCase()} x={60} y={20.5} size={8.5} room={94} fill={plate.dark} />
      <path d="M12 116h22v22H12zM86 116h22v22H86z" fill={plate.dark} />
      <Line text={value} x={23} y={132} size={13} room={20} fill={plate.paper} />
      <Line text={value} x={97} y={132} size={13} room={20} fill={plate.paper} />
      <Line text={unit.join(' ').toUpperCase()} x={60} y={133.5} size={8.5} room={48} fill={plate.dark} />
    </>
  )
}

/** No frame at all: the picture runs to the edge, as was the fashion later. */
function Modern({ plate, country, face, children }: FrameProps) {
  const [value = '', ...unit] = face.split(' ')
  return (
    <>
      <Field x={9} y={9} width={102} height={112}>
        {children}
      </Field>
      <path d="M9 121h102v20H9z" fill={plate.paper} />
      <Line text={country} x={9} y={134} size={8} room={66} fill={plate.dark} anchor="start" modern />
      <Line text={value} x={111} y={135.5} size={15} room={22} fill={plate.dark} anchor="end" modern />
      <Line
        text={unit.join(' ')}
        x={9}
        y={141}
        size={5.5}
        room={50}
        fill={plate.dark}
        anchor="start"
        modern
      />
    </>
  )
}

export const FRAMES = [Ruled, Arched, Medallion, Modern]
