import { unserializableProps } from '../errors.js'

/**
 * Throws for the first value in the props that JSON cannot carry, naming its path, the function and the page's file.
 *
 * Walks with a list of its own instead of recursion: props can be deeper than the call stack.
 */
export function assertSerializable(props: unknown, { fn, file }: { fn: string; file: string }): void {
  const fail = (path: string, what: string, cause?: unknown) =>
    unserializableProps(fn, file, { path, what, cause })
  /** Getters and proxies are the page's own code, and may throw like all of it. */
  function read<T>(path: string, get: () => T): T {
    try {
      return get()
    } catch (error) {
      throw fail(path, 'it throws when it is read.', error)
    }
  }

  if (!read('', () => isPlainObject(props)))
    throw fail(
      '',
      `props must be returned as a plain object from ${fn}: \`{ props: {...} }\`, but the value is \`${tagOf(props)}\`.`,
    )

  const pending: Step[] = [{ value: props, path: '', depth: 0, parent: undefined }]
  for (let step = pending.pop(); step !== undefined; step = pending.pop()) {
    const { value, path, depth } = step
    const problem = read(path, () => problemOf(value)) ?? circularity(step)
    if (problem !== undefined) throw fail(path, problem)
    if (depth > MAX_DEPTH) throw fail(`${path.slice(0, 100)}…`, `it lies more than ${MAX_DEPTH} levels deep.`)
    if (typeof value !== 'object' || value === null) continue
    const parent = step
    const keys = read(path, () => Object.keys(value))
    // Backwards, so that the first in order is looked at first.
    for (const key of keys.reverse()) {
      const at = path + (Array.isArray(value) ? `[${key}]` : toAccess(key))
      const child = read(at, () => (value as Record<string, unknown>)[key])
      pending.push({ value: child, path: at, depth: depth + 1, parent })
    }
  }
}

/** `JSON.stringify` calls itself for each level, and no stack is that high. */
const MAX_DEPTH = 2_000

interface Step {
  value: unknown
  path: string
  depth: number
  parent: Step | undefined
}

function problemOf(value: unknown): string | undefined {
  switch (typeof value) {
    case 'string':
    case 'boolean':
    case 'number':
      return undefined
    case 'undefined':
      return '`undefined` cannot be serialized as JSON. Use `null`, or leave the key out.'
    case 'object':
      if (value === null || Array.isArray(value) || isPlainObject(value)) return undefined
      return `\`object\` ("${tagOf(value)}") cannot be serialized as JSON. Return JSON types only.`
    default:
      return `\`${typeof value}\` cannot be serialized as JSON. Return JSON types only.`
  }
}

/** Only an ancestor makes a circle: the same object may stand at two places. */
function circularity({ value, parent }: Step): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  for (let ancestor = parent; ancestor !== undefined; ancestor = ancestor.parent) {
    if (ancestor.value === value)
      return `Circular references cannot be expressed in JSON (it refers back to \`${ancestor.path === '' ? '(self)' : ancestor.path}\`).`
  }
  return undefined
}

/** Also an object without a prototype, and one of another realm. */
function isPlainObject(value: unknown): boolean {
  if (tagOf(value) !== '[object Object]') return false
  const prototype = Object.getPrototypeOf(value) as object | null
  return prototype === null || Object.getPrototypeOf(prototype) === null
}

function tagOf(value: unknown): string {
  return Object.prototype.toString.call(value)
}

function toAccess(key: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`
}
