import { validateHeaderName, validateHeaderValue } from 'node:http'
import type { HeaderPair } from '../page-response.js'

/** What the head of a stored entry may say; see `encodeEntry`. */
export interface EntryHead {
  readonly type: unknown
  readonly renderedAt: unknown
  readonly staleAt: unknown
  readonly expiresAt: unknown
  readonly origin?: unknown
  readonly status?: unknown
  readonly documentBytes?: unknown
  readonly serverOnly?: unknown
  readonly headers?: unknown
  readonly destination?: unknown
  readonly basePath?: unknown
}

/** Headers that frame a message or are somebody's: no entry is written with them, and none may bring them in. */
const neverKept = new Set([
  'connection',
  'content-length',
  'keep-alive',
  'set-cookie',
  'trailer',
  'transfer-encoding',
  'upgrade',
])

const redirectStatuses: readonly unknown[] = [301, 302, 303, 307, 308]

/**
 * Whether what a stored head says can be sent. Its checksum tells of damage, not of who has written it: whoever writes to
 * a shared store could otherwise put headers into answers, or have visitors get errors.
 */
export function isSoundHead(head: EntryHead, bodyBytes: number): boolean {
  if (!isTime(head.renderedAt) || !isEnd(head.staleAt) || !isEnd(head.expiresAt)) return false
  if (head.origin !== undefined && !isOrigin(head.origin)) return false
  switch (head.type) {
    case 'page':
      return (
        isStatus(head.status) &&
        isLength(head.documentBytes, bodyBytes) &&
        areTexts(head.serverOnly ?? []) &&
        areHeaders(head.headers ?? [])
      )
    case 'handler':
      return isStatus(head.status) && areHeaders(head.headers)
    case 'redirect':
      return (
        redirectStatuses.includes(head.status) &&
        typeof head.destination === 'string' &&
        !CONTROL.test(head.destination) &&
        typeof head.basePath === 'boolean'
      )
    default:
      return head.type === 'not-found' || head.type === 'value'
  }
}

const CONTROL = /[\0-\x1f\x7f]/

function isTime(value: unknown): boolean {
  return Number.isFinite(value)
}

/** `null` is never. */
function isEnd(value: unknown): boolean {
  return value === null || isTime(value)
}

function isStatus(value: unknown): boolean {
  return Number.isInteger(value) && (value as number) >= 200 && (value as number) <= 599
}

function isLength(value: unknown, most: number): boolean {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) <= most
}

function isOrigin(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  const { route, path, tags } = value as Record<string, unknown>
  return [route, path].every(isOptionalText) && areTexts(tags)
}

function areTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every(isText)
}

function isText(value: unknown): value is string {
  return typeof value === 'string'
}

function isOptionalText(value: unknown): boolean {
  return value === undefined || isText(value)
}

function areHeaders(value: unknown): boolean {
  return Array.isArray(value) && value.every(isHeader)
}

function isHeader(pair: unknown): pair is HeaderPair {
  if (!Array.isArray(pair) || pair.length !== 2 || !pair.every(isText)) return false
  const [name, value] = pair as [string, string]
  try {
    validateHeaderName(name)
    validateHeaderValue(name, value)
  } catch {
    return false
  }
  return !neverKept.has(name.toLowerCase())
}
