import type { Response } from 'express'
import { wrongApiConfig } from '../errors.js'

const units: Readonly<Record<string, number>> = { b: 1, kb: 1024, mb: 1024 ** 2, gb: 1024 ** 3 }

/** A size such as `'4mb'` or a number of bytes, or `undefined` if it is neither. */
export function parseSize(size: unknown): number | undefined {
  if (typeof size === 'number') return Number.isFinite(size) && size >= 0 ? size : undefined
  const [, amount, unit = 'b'] =
    (typeof size === 'string' && /^(\d+(?:\.\d+)?) *([kmg]?b)?$/i.exec(size)) || []
  return amount === undefined ? undefined : Math.floor(Number(amount) * units[unit.toLowerCase()]!)
}

/** The largest response of an API route that is not worth a warning, in bytes. */
export function toResponseLimit(limit: unknown, file: string): number {
  if (limit === false) return Infinity
  const bytes = limit === undefined || limit === true ? 4 * units['mb']! : parseSize(limit)
  if (bytes === undefined)
    throw wrongApiConfig(file, 'responseLimit', [
      limit,
      "`false`, a number of bytes, or a size such as `'8mb'`",
    ])
  return bytes
}

/** Tells once when a response turns out longer than the limit. What is sent stays as it is. */
export function watchResponseSize(res: Response, limit: number, onExceeded: () => void): void {
  if (limit === Infinity) return
  let bytes = 0
  const count = (chunk: unknown): void => {
    const before = bytes
    if (typeof chunk === 'string') bytes += Buffer.byteLength(chunk)
    else if (chunk instanceof Uint8Array) bytes += chunk.length
    if (before <= limit && bytes > limit) onExceeded()
  }
  const restores = [wrap(res, 'write', count), wrap(res, 'end', count)]
  const restore = () => restores.forEach((run) => run())
  res.prependOnceListener('finish', restore)
  res.prependOnceListener('close', restore)
}

/** Node ends a response with `end(chunk)`, which calls `write` of its own accord only where nobody sees it. */
function wrap(res: Response, name: 'write' | 'end', before: (chunk: unknown) => void): () => void {
  const own = Object.getOwnPropertyDescriptor(res, name)
  const original = res[name] as (...args: unknown[]) => unknown
  const counted = function (this: Response, ...args: unknown[]) {
    before(args[0])
    return original.apply(this, args)
  }
  Object.defineProperty(res, name, { value: counted, configurable: true, writable: true, enumerable: true })
  return () => {
    if ((res[name] as unknown) !== counted) return
    if (own === undefined) delete (res as { [key: string]: unknown } & Response)[name]
    else Object.defineProperty(res, name, own)
  }
}
