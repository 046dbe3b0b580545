import { parse } from 'node:querystring'
import { describeValue, PagesError } from '../errors.js'
import type { KeyParts } from '../types.js'

/** What a static page is told of a visitor besides the path, and what makes its key: nothing else of a request is. */
export interface Variant {
  /** Stands behind the pathname in the key; empty where there is nothing to be told. */
  readonly suffix: string
  readonly parts: KeyParts | undefined
  readonly query: Readonly<Record<string, string | string[]>> | undefined
}

export const NO_VARIANT: Variant = { suffix: '', parts: undefined, query: undefined }

const LONGEST_VALUE = 256
const MOST_PARTS = 16

/**
 * Makes the variant of a page from the named parts of `cache.key` and the search parameters that the page has asked for.
 * No two variants have one suffix: names and values are percent-encoded and in a fixed order, and no pathname holds a
 * question mark.
 */
export function toVariant(
  parts: KeyParts | undefined,
  names: readonly string[] | undefined,
  search: string,
): Variant {
  if (parts === undefined && names === undefined) return NO_VARIANT
  const given = parts === undefined ? [] : Object.entries(parts).map(([name, value]) => [`k.${name}`, value])
  const query = names === undefined ? undefined : pick(search, names)
  const asked = Object.entries(query ?? {}).flatMap(([name, value]) =>
    (Array.isArray(value) ? value : [value]).map((one) => [`q.${name}`, one]),
  )
  const all = [...given.sort(byName), ...asked]
  const suffix = all.map(([name, value]) => `${encode(name!)}=${encode(value!)}`).join('&')
  return { suffix: suffix === '' ? '' : `?${suffix}`, parts, query }
}

function byName(a: string[], b: string[]): number {
  return a[0]! < b[0]! ? -1 : 1
}

/** Lone surrogates have no encoding of their own, and come from nobody but who looks for trouble. */
function encode(text: string): string {
  return encodeURIComponent(text.toWellFormed())
}

/** The search parameters that a page has asked for, in the order of its list; what is too long is as if it were absent. */
function pick(search: string, names: readonly string[]): Record<string, string | string[]> {
  const all = search.length > 1 ? parse(search.slice(1)) : {}
  const picked: Record<string, string | string[]> = {}
  for (const name of names) {
    const value = all[name]
    if (value === undefined) continue
    const isUsable =
      [value].flat().length <= MOST_PARTS && [value].flat().every((one) => one.length <= LONGEST_VALUE)
    if (isUsable) picked[name] = value
  }
  return picked
}

/** Checks what `cache.key` has returned; `undefined` for a request that belongs to nobody. */
export function toKeyParts(returned: unknown): KeyParts | undefined {
  if (returned === undefined || returned === null) return undefined
  const entries = typeof returned === 'object' ? Object.entries(returned) : undefined
  const isUsable = (value: unknown) => typeof value === 'string' && value.length <= LONGEST_VALUE
  if (entries === undefined || entries.length > MOST_PARTS || !entries.every(([, value]) => isUsable(value)))
    throw new PagesError(
      'PAGES_OPTION',
      `\`cache.key\` returned ${describeValue(returned)}. Return an object of at most ${MOST_PARTS} strings of at most ${LONGEST_VALUE} characters, such as \`{ tenant: 'a' }\`, or \`undefined\` for a request that belongs to nobody.`,
    )
  return returned as KeyParts
}
