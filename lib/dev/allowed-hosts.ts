import type { IncomingHttpHeaders } from 'node:http'
import { isIP } from 'node:net'

/** Says whether a development server answers for a host, as it stands in `Host` or in an origin. */
export type HostCheck = (host: string | undefined) => boolean

/**
 * What browsers of this machine reach a development server by: localhost and everything below it, and addresses. No
 * other site can make these its own; a name can be made to lead anywhere, so names must be listed.
 *
 * @param allowed `server.allowedHosts` of the Vite configuration: a leading dot allows all that is below, `true` all names
 */
export function createHostCheck(allowed: true | readonly string[]): HostCheck {
  return (host) => {
    // Only programs leave it out; browsers cannot be made to.
    if (host === undefined || allowed === true) return true
    const name = hostnameOf(host)
    if (name === undefined) return false
    if (isIP(name) !== 0 || name === 'localhost' || name.endsWith('.localhost')) return true
    return allowed.some((known) =>
      known.startsWith('.') ? name === known.slice(1) || name.endsWith(known) : name === known,
    )
  }
}

/** The host of an `Origin`, `null` for one that has none. */
export function hostOfOrigin(origin: string): string | null {
  try {
    return new URL(origin).host || null
  } catch {
    return null
  }
}

/** What the request says of where it was sent; HTTP/2 has another name for it. Proxies' headers are anybody's to write. */
export function hostOf(headers: IncomingHttpHeaders): string | undefined {
  return headers.host ?? (headers[':authority'] as string | undefined)
}

function hostnameOf(host: string): string | undefined {
  const [, address, name] = /^(?:\[([^\]]*)\]|([^:[\]]+))(?::\d*)?$/.exec(host.trim()) ?? []
  if (address !== undefined) return isIP(address) === 6 ? address : undefined
  return name
}
