import type { IncomingMessage, ServerResponse } from 'node:http'
import type { PageRequest } from '../server/request.js'
import type { Site } from '../server/site.js'
import { hostOf, type HostCheck } from './allowed-hosts.js'

export interface GuardedSiteParts {
  readonly isAllowedHost: HostCheck
  /** Whether the site has an answer of its own to a request. */
  isOurs(request: PageRequest): Promise<boolean>
}

/**
 * The site, for requests that were sent to an allowed host. A stranger's page whose name leads to this machine would
 * otherwise read sources, errors and data of the project. What is the app's own goes on to the app.
 */
export function guardSite(site: Site, { isAllowedHost, isOurs }: GuardedSiteParts): Site {
  const isAllowed = ({ headers }: IncomingMessage) => isAllowedHost(hostOf(headers))
  return {
    ...site,
    answer(exchange, next) {
      if (isAllowed(exchange.req)) return site.answer(exchange, next)
      const refuse = () => refuseHost(exchange.req, exchange.res)
      isOurs(exchange.request).then((ours) => (ours ? refuse() : next()), refuse)
    },
    async notFound(exchange) {
      if (isAllowed(exchange.req)) return site.notFound(exchange)
      refuseHost(exchange.req, exchange.res)
    },
    async thrown(exchange, error, next) {
      if (isAllowed(exchange.req) || exchange.res.headersSent) return site.thrown(exchange, error, next)
      refuseHost(exchange.req, exchange.res)
    },
  }
}

function refuseHost({ headers }: IncomingMessage, res: ServerResponse): void {
  const name = JSON.stringify((hostOf(headers) ?? '').replace(/:\d*$/, ''))
  refuse(
    res,
    `This is a development server, and does not answer for the host ${name}. ` +
      `If the host is yours, add it to \`server.allowedHosts\` of the Vite configuration: ` +
      `\`pages({ vite: { server: { allowedHosts: [${name}] } } })\`.\n`,
  )
}

/** Answers with 403 and a reason, which no browser takes for anything but text. */
export function refuse(res: ServerResponse, reason: string): void {
  res.writeHead(403, {
    'Content-Type': 'text/plain; charset=utf-8',
    'Content-Length': Buffer.byteLength(reason),
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
  })
  res.end(reason)
}
