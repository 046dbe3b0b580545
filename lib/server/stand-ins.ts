import type { Request, Response } from 'express'
import { IncomingMessage, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import type { Query } from '../protocol/payload.js'
import type { Params } from '../types.js'
import { provideCookies } from './query.js'

/** What requests and responses of an Express application inherit from. */
export interface HostApp {
  readonly request: object
  readonly response: object
}

export interface StandInFields {
  /** The host's application, for Express's methods; its own settings and `locals` are everybody's. */
  readonly app: HostApp | undefined
  readonly params: Params
  readonly query: Query
}

/**
 * A request and a response that belong to nobody: no headers, no cookies, nothing that a middleware has put there. What is
 * made with them can be given to anybody. They go nowhere, and remember what was set.
 */
export function createStandIns(
  url: string,
  { app, params, query }: StandInFields,
): { req: Request; res: Response } {
  const req = new IncomingMessage(new Socket()) as Request
  const res = new ServerResponse(req) as unknown as Response
  if (app !== undefined) {
    Object.setPrototypeOf(req, app.request)
    Object.setPrototypeOf(res, app.response)
  }
  Object.assign(req, { method: 'GET', url, originalUrl: url, baseUrl: '', params, res })
  // Express 5 has an accessor of its own, and 4 none at all.
  Object.defineProperty(req, 'query', { value: query, writable: true, enumerable: true, configurable: true })
  Object.assign(res, { req, locals: Object.create(null) as object })
  provideCookies(req)
  return { req, res }
}
