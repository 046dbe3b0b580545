import { timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { hostOf, hostOfOrigin, type HostCheck } from './allowed-hosts.js'

/**
 * Whether a browser may hear of edits: a page of ours alone knows the token. Programs that bring no `Origin` need it, too,
 * and pages of a host that is not allowed are refused even with it.
 */
export function mayConnect(
  { url = '', headers }: IncomingMessage,
  { isAllowedHost, token }: { isAllowedHost: HostCheck; token: string },
): boolean {
  const { origin } = headers
  const from = origin === undefined ? undefined : hostOfOrigin(origin)
  if (from === null || !isAllowedHost(from) || !isAllowedHost(hostOf(headers))) return false
  // Asks whether the server is back, with the token of the one before, and hears nothing but that.
  if (headers['sec-websocket-protocol'] === 'vite-ping') return true
  const given = Buffer.from(new URLSearchParams(url.split('?')[1]).get('token') ?? '')
  const expected = Buffer.from(token)
  return given.length === expected.length && timingSafeEqual(given, expected)
}
