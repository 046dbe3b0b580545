// @ts-check
// The cache engine as a shared HTTP cache in front of an origin, for the public test suite: what an origin says in
// Cache-Control becomes the two times that our entries have. No React, no pages: the engine alone.
import { createServer } from 'node:http'
import { createGovernor } from '../../dist/cache/governor.js'
import { createPageMemory } from '../../dist/cache/memory.js'
import { createResponseCache } from '../../dist/cache/response-cache.js'
import { emptyStore } from '../../dist/cache/store.js'
import { isNotModified } from '../../dist/server/conditional.js'
import { request } from 'node:http'

/** Headers of a connection, not of what is sent over it. */
const hopByHop = new Set([
  ...[
    'connection',
    'keep-alive',
    'proxy-authenticate',
    'proxy-authorization',
    'proxy-connection',
    'te',
    'trailer',
  ],
  ...['transfer-encoding', 'upgrade'],
])

/** Statuses whose answers are whole, final, and the same for everybody. */
const storable = new Set([200, 203, 204, 301, 308, 404, 405, 410, 414, 501])

/**
 * @param {string} origin URL of the suite's own server
 * @returns {Promise<import('node:http').Server>}
 */
export async function startAdapter(origin) {
  const cache = createResponseCache({
    store: emptyStore,
    memory: createPageMemory({ maxBytes: 256 * 1024 * 1024, notFoundEntries: 1000 }),
    governor: createGovernor({ renders: 1000, refreshes: 1000, queue: 1000 }),
    limits: { entryBytes: 8 * 1024 * 1024, timeoutMs: 10_000 },
    now: Date.now,
    onError: () => {},
  })

  const server = createServer((req, res) => void answer(req, res).catch(() => res.destroy()))

  /** @param {import('node:http').IncomingMessage} req @param {import('node:http').ServerResponse} res */
  async function answer(req, res) {
    const path = req.url ?? '/'
    const isTest = path.startsWith('/test/')
    const isRead = req.method === 'GET' || req.method === 'HEAD'
    if (!isTest || !isRead || req.headers['range'] !== undefined) return pass(req, res, isTest && !isRead)
    if (wantsNoStore(req)) return pass(req, res, false)

    const key = { key: path, basePath: '', route: '/test', path }
    const headers = req.headers
    const isFirst = cache.lookup(key) === undefined
    if (req.method === 'HEAD' && isFirst) return pass(req, res, false)
    try {
      const served = await cache.serve(key, async () => {
        const response = await ask(origin + path, {
          method: 'GET',
          headers: isFirst ? headers : numberless(headers),
        })
        const lifetime = lifetimeOf(response, headers['authorization'] !== undefined)
        if (lifetime === undefined) throw new Unstorable(response)
        const { status, body } = response
        return { type: 'handler', status, headers: endToEnd(response.rawHeaders), body, lifetime }
      })
      const { page } = served
      if (page.type !== 'handler') throw new Error('another kind of entry')
      const age = Math.max(0, Math.floor((Date.now() - page.renderedAt) / 1000)) + ageOf(page.headers)
      const sent = page.headers.filter(([name]) => name.toLowerCase() !== 'age')
      if (served.status !== 'miss') sent.push(['Age', String(age)])
      const etag = page.headers.find(([name]) => name.toLowerCase() === 'etag')?.[1]
      const modified = page.headers.find(([name]) => name.toLowerCase() === 'last-modified')?.[1]
      const isSame =
        headers['if-none-match'] === undefined
          ? modified !== undefined && Date.parse(headers['if-modified-since'] ?? '') >= Date.parse(modified)
          : etag !== undefined && isNotModified(headers['if-none-match'], etag)
      if (isSame && page.status === 200 && served.status !== 'miss')
        return send(res, { status: 304, headers: sent, body: undefined })
      const bytes = req.method === 'HEAD' ? undefined : page.body.bytes
      return send(res, { status: page.status, headers: sent, body: bytes })
    } catch (error) {
      if (!(error instanceof Unstorable)) throw error
      const { response } = error
      return send(res, { ...response, headers: endToEnd(response.rawHeaders) })
    }
  }

  /** @param {import('node:http').IncomingMessage} req @param {import('node:http').ServerResponse} res @param {boolean} isWrite */
  async function pass(req, res, isWrite) {
    const chunks = []
    for await (const chunk of req) chunks.push(chunk)
    const { method, headers } = req
    const response = await ask(origin + req.url, { method, headers, body: Buffer.concat(chunks) })
    // What was written may have changed what is read: the page, and those that the answer names.
    if (isWrite && response.status < 400)
      for (const path of changedBy(req, response))
        await cache.invalidate({ name: `path:${path}`, isSoft: false })
    const body = method === 'HEAD' ? undefined : response.body
    send(res, { status: response.status, headers: endToEnd(response.rawHeaders), body })
  }

  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)))
  return server
}

/** An answer that is for one visitor, on its way past the cache. */
class Unstorable extends Error {
  /** @param {Answer} response */
  constructor(response) {
    super('not to be stored')
    this.response = response
  }
}

/**
 * @typedef {object} Answer
 * @property {number} status
 * @property {import('node:http').IncomingHttpHeaders} headers
 * @property {string[]} rawHeaders
 * @property {Buffer} body
 */

/**
 * @param {string} url
 * @param {{ method: string | undefined, headers: import('node:http').OutgoingHttpHeaders, body?: Buffer }} options
 * @returns {Promise<Answer>}
 */
function ask(url, { method, headers, body }) {
  return new Promise((resolve, reject) => {
    const sent = Object.fromEntries(Object.entries(headers).filter(([name]) => !hopByHop.has(name)))
    const outgoing = request(url, { method, headers: sent }, (incoming) => {
      /** @type {Buffer[]} */
      const chunks = []
      incoming.on('data', (chunk) => chunks.push(chunk))
      incoming.on('error', reject)
      incoming.on('end', () =>
        resolve({
          status: incoming.statusCode ?? 502,
          headers: incoming.headers,
          rawHeaders: incoming.rawHeaders,
          body: Buffer.concat(chunks),
        }),
      )
    })
    outgoing.on('error', reject)
    outgoing.end(body)
  })
}

/**
 * @param {import('node:http').ServerResponse} res
 * @param {{ status: number, headers: readonly (readonly [string, string])[], body: Buffer | undefined }} answer
 */
function send(res, { status, headers, body }) {
  res.sendDate = false
  const names = new Set(headers.map(([name]) => name.toLowerCase()))
  const all = headers.filter(([name]) => name.toLowerCase() !== 'content-length')
  if (!names.has('date')) all.push(['Date', new Date().toUTCString()])
  try {
    res.writeHead(status, all.flat())
  } catch {
    return res.destroy()
  }
  res.end(body)
}

/** @param {string[]} raw @returns {[string, string][]} */
function endToEnd(raw) {
  /** @type {[string, string][]} */
  const pairs = []
  for (let index = 0; index < raw.length; index += 2) pairs.push([raw[index] ?? '', raw[index + 1] ?? ''])
  const named = pairs
    .filter(([name]) => name.toLowerCase() === 'connection')
    .flatMap(([, value]) =>
      value
        .toLowerCase()
        .split(',')
        .map((part) => part.trim()),
    )
  return pairs.filter(([name]) => !hopByHop.has(name.toLowerCase()) && !named.includes(name.toLowerCase()))
}

/** A refresh behind a visitor is nobody's request. @param {import('node:http').IncomingHttpHeaders} headers */
function numberless(headers) {
  return Object.fromEntries(
    Object.entries(headers).filter(([name]) => !/^(req-num|if-|range|authorization)/.test(name)),
  )
}

/** @param {import('node:http').IncomingMessage} req */
function wantsNoStore({ headers }) {
  return parse(headers['cache-control']).has('no-store')
}

/**
 * How long an answer may be kept for everybody, or `undefined` if it may not.
 * @param {Answer} response
 * @param {boolean} isAuthorized
 */
function lifetimeOf({ status, headers, rawHeaders }, isAuthorized) {
  const said = parse(headers['cache-control'])
  if (!storable.has(status)) return undefined
  if (['no-store', 'private', 'no-cache'].some((name) => said.has(name))) return undefined
  if (headers['set-cookie'] !== undefined) return undefined
  const vary = (headers['vary'] ?? '')
    .toLowerCase()
    .split(',')
    .map((part) => part.trim())
  if (vary.some((name) => name !== '' && name !== 'accept-encoding')) return undefined
  if (isAuthorized && !['public', 's-maxage', 'must-revalidate'].some((name) => said.has(name)))
    return undefined
  const given = said.has('s-maxage')
    ? (seconds(said.get('s-maxage')) ?? 0)
    : said.has('max-age')
      ? (seconds(said.get('max-age')) ?? 0)
      : untilExpiry(headers)
  const left = given - ageOf(endToEnd(rawHeaders))
  const late = Date.now() - Date.parse(headers['date'] ?? '')
  const fresh = Math.floor(left - (late > 1_000 ? late / 1_000 : 0))
  // What is no number, such as `Infinity - Infinity`, is no lifetime.
  if (!(fresh >= 1)) return undefined
  const mayBeStale = !['must-revalidate', 'proxy-revalidate', 's-maxage'].some((name) => said.has(name))
  const stale = mayBeStale ? (seconds(said.get('stale-while-revalidate')) ?? 0) : 0
  const bounded = Math.min(fresh, 31_536_000)
  return { revalidateSeconds: bounded, expireSeconds: bounded + stale }
}

/** @param {readonly (readonly [string, string])[]} headers */
function ageOf(headers) {
  const values = headers.filter(([name]) => name.toLowerCase() === 'age').map(([, value]) => value)
  if (values.length === 0) return 0
  // What is no number, or more than one, is older than everything: in doubt nothing is kept.
  return values.length > 1 ? Infinity : (seconds(values[0]?.trim()) ?? Infinity)
}

/** @param {import('node:http').IncomingHttpHeaders} headers */
function untilExpiry(headers) {
  const expires = headers['expires']
  if (
    expires === undefined ||
    !/^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/.test(expires)
  )
    return 0
  const date = Date.parse(headers['date'] ?? '')
  return (Date.parse(expires) - (Number.isNaN(date) ? Date.now() : date)) / 1_000
}

/** @param {string | undefined} text */
function seconds(text) {
  return text !== undefined && /^\d+$/.test(text) ? Math.min(Number(text), 2 ** 31) : undefined
}

/** Directives by name; of one that comes twice, the first. @param {string | undefined} header */
function parse(header) {
  /** @type {Map<string, string | undefined>} */
  const directives = new Map()
  for (const [, name = '', quoted, plain] of (header ?? '').matchAll(
    /(?:^|,)[ \t]*([^\s=,;"]+)(?:=(?:"((?:[^"\\]|\\.)*)"|([^,"]*)))?(?=[ \t]*(?:,|$))/g,
  ))
    if (!directives.has(name.toLowerCase())) directives.set(name.toLowerCase(), quoted ?? plain)
  return directives
}

/** @param {import('node:http').IncomingMessage} req @param {Answer} response */
function changedBy(req, { headers }) {
  const base = `http://${req.headers.host}${req.url}`
  const named = [headers['location'], headers['content-location']].filter((value) => value !== undefined)
  const urls = [base, ...named.map((value) => new URL(value, base).href)]
  return urls
    .filter((url) => new URL(url).host === req.headers.host)
    .map((url) => new URL(url).pathname + new URL(url).search)
}
