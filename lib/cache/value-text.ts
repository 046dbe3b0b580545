import { isDate, isMap, isSet } from 'node:util/types'

/*
 * Values as text: JSON, in which what JSON lacks is an object with the single key `$`. Whatever can be written reads back
 * as it was, so no two different values have one text: what makes them fit for keys.
 */

/** Why a value cannot be written, and where in it the reason lies. */
export class UnwritableValueError extends Error {
  override readonly name = 'UnwritableValueError'
  /** E.g. `[0].user`; empty for the value itself. */
  readonly path: string
  /** What lies there, e.g. "a function". */
  readonly what: string

  constructor(path: string, what: string) {
    super(`A value holds ${what} at \`${path}\`.`)
    this.path = path
    this.what = what
  }
}

/** Writes a value so that it can be read back. Throws `UnwritableValueError` for what has no text. */
export function toValueText(value: unknown): string {
  return JSON.stringify(write(value, { path: '', above: [], isSorted: false }))
}

/** The same with the keys of objects in one order: objects that differ in it alone are one key. */
export function toKeyText(value: unknown): string {
  return JSON.stringify(write(value, { path: '', above: [], isSorted: true }))
}

export function fromValueText(text: string): unknown {
  const value: unknown = JSON.parse(text)
  // Most values are plain JSON: nothing in them is to be made anew.
  return text.includes('{"$":[') ? read(value) : value
}

interface Place {
  readonly path: string
  /** The objects around, outermost first. */
  readonly above: readonly object[]
  readonly isSorted: boolean
}

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json }

/** `JSON.stringify` calls itself for each level, and so do we. */
const MAX_DEPTH = 500

const tag = (name: string, ...rest: Json[]): Json => ({ $: [name, ...rest] })

function write(value: unknown, place: Place): Json {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value
    case 'number':
      return Number.isFinite(value) && !Object.is(value, -0)
        ? value
        : tag('number', Object.is(value, -0) ? '-0' : String(value))
    case 'undefined':
      return tag('undefined')
    case 'bigint':
      return tag('bigint', String(value))
    case 'object':
      return value === null ? null : writeObject(value, place)
    case 'function':
      return fail(place, 'a function')
    default:
      return fail(place, 'a symbol')
  }
}

function writeObject(value: object, place: Place): Json {
  if (place.above.includes(value)) return fail(place, 'itself, which would have no end')
  if (place.above.length >= MAX_DEPTH) return fail(place, `more than ${MAX_DEPTH} levels`)
  const inside = { ...place, above: [...place.above, value] }
  if (Array.isArray(value)) return writeArray(value, inside)
  if (isPlain(value)) return writePlain(value as Record<string, unknown>, inside)
  const known = writeKnown(value, inside)
  if (known === undefined || Object.keys(value).length > (ArrayBuffer.isView(value) ? value.byteLength : 0))
    return fail(place, describe(value))
  return known
}

function writeArray(value: readonly unknown[], place: Place): Json {
  if (levelsOf(value) !== 2 || Object.keys(value).length !== value.length)
    return fail(place, 'an array with gaps, or with properties of its own')
  return value.map((item, index) => write(item, at(place, `[${index}]`)))
}

function writePlain(value: Record<string, unknown>, place: Place): Json {
  if (Object.getOwnPropertySymbols(value).length > 0) return fail(place, 'a property whose name is a symbol')
  const names = Object.keys(value)
  if (place.isSorted) names.sort()
  // Without a prototype, for which `__proto__` is a name like any other.
  const written = Object.create(null) as Record<string, Json>
  for (const name of names) written[name] = write(value[name], at(place, toAccess(name)))
  return names.includes('$') ? tag('object', written) : written
}

function writeKnown(value: object, place: Place): Json | undefined {
  const levels = levelsOf(value)
  if (levels === 2 && isDate(value))
    return tag('date', Number.isNaN(value.getTime()) ? null : value.getTime())
  if (levels === 2 && isMap(value)) return tag('map', writeArray([...value].flat(), at(place, '.entries()')))
  if (levels === 2 && isSet(value)) return tag('set', writeArray([...value], at(place, '.values()')))
  if (Buffer.isBuffer(value)) return tag('buffer', value.toString('base64'))
  if (levels === 3 && Object.prototype.toString.call(value) === '[object Uint8Array]')
    return tag('bytes', Buffer.from(value as Uint8Array).toString('base64'))
  return value instanceof URL && levels === 2 ? tag('url', value.href) : undefined
}

/** Prototypes above a value: 1 for a plain object, 2 for what the language brings along, more for what inherits from it. */
function levelsOf(value: object): number {
  let levels = 0
  for (let above = Object.getPrototypeOf(value) as object | null; above !== null; levels += 1)
    above = Object.getPrototypeOf(above) as object | null
  return levels
}

/** Also an object without a prototype, and one of another realm. */
function isPlain(value: object): boolean {
  return levelsOf(value) < 2 && Object.prototype.toString.call(value) === '[object Object]'
}

function at(place: Place, access: string): Place {
  return { ...place, path: place.path + access }
}

function toAccess(name: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(name) ? `.${name}` : `[${JSON.stringify(name)}]`
}

function describe(value: object): string {
  const { constructor } = value as { constructor?: { name?: unknown } }
  const name = typeof constructor?.name === 'string' && constructor.name !== '' ? constructor.name : undefined
  return name === undefined ? 'an object that is not plain' : `an object of the class \`${name}\``
}

function fail({ path }: Place, what: string): never {
  throw new UnwritableValueError(path, what)
}

/** Makes anew, in place, what stands under the key `$`. */
function read(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  const inner = value as Record<string, unknown>
  if (Object.hasOwn(inner, '$')) return readTag(inner['$'] as [string, unknown])
  for (const name of Object.keys(inner)) {
    const before = inner[name]
    const after = read(before)
    if (after !== before) inner[name] = after
  }
  return value
}

function readTag([name, data]: [string, unknown]): unknown {
  switch (name) {
    case 'undefined':
      return undefined
    case 'number':
      return Number(data)
    case 'bigint':
      return BigInt(data as string)
    case 'date':
      return new Date(data === null ? NaN : (data as number))
    case 'map':
      return new Map(toPairs(read(data) as unknown[]))
    case 'set':
      return new Set(read(data) as unknown[])
    case 'buffer':
      return Buffer.from(data as string, 'base64')
    case 'bytes':
      return new Uint8Array(Buffer.from(data as string, 'base64'))
    case 'url':
      return new URL(data as string)
    default:
      return readObject(data as Record<string, unknown>)
  }
}

/** An object of which `$` is an ordinary key. */
function readObject(inner: Record<string, unknown>): object {
  for (const name of Object.keys(inner)) inner[name] = read(inner[name])
  return inner
}

function toPairs(flat: readonly unknown[]): [unknown, unknown][] {
  return Array.from({ length: flat.length / 2 }, (_, index) => [flat[2 * index], flat[2 * index + 1]])
}
