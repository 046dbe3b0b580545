import { unserializableProps } from '../errors.js'

/**
 * Throws for the first value in the props that JSON cannot carry, naming its path, the function and the page's file.
 *
 * Walks with a list of its own instead of recursion: props can be deeper than the call stack.
 */
export function assertSerializable(props: unknown, { fn, file }: { fn: string; file: string }): void {
  if (!isPlainObject(props))
    throw unserializableProps(fn, file, {
      path: '',
      what: `props must be returned as a plain object from ${fn}: \`{ props: {...} }\`, but the value is \`${tagOf(props)}\`.`,
    })

  const rootStep: Step = { value: props, path: '', parent: undefined }
  const pending: Step[] = [rootStep]
  for (let step = pending.pop(); step !== undefined; step = pending.pop()) {
    const { value, path } = step
    const problem = problemOf(value) ?? circularity(step)
    if (problem !== undefined) throw unserializableProps(fn, file, { path, what: problem })
    if (typeof value !== 'object' || value === null) continue
    const isArray = Array.isArray(value)
    // Backwards, so that the first in order is looked at first.
    for (const key of Object.keys(value).reverse())
      pending.push({
        value: (value as Record<string, unknown>)[key],
        path: path + (isArray ? `[${key}]` : toAccess(key)),
        parent: step,
      })
  }
}

interface Step {
  value: unknown
  path: string
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
