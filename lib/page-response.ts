import type { Readable } from 'node:stream'

/**
 * The value that travels between the parts: produced once, then sent, stored, or written at build time.
 * Server, cache and build share it without importing each other.
 */
export type PageResponse =
  RenderedResponse | RedirectResponse | NotFoundResponse | HandlerResponse | EndedResponse

export interface RenderedResponse {
  readonly type: 'page'
  readonly status: number
  /** The HTML document; `undefined` when only the data was asked for. A stream only for server pages that opted in. */
  readonly document: Buffer | Readable | undefined
  /** The data body, JSON text; `undefined` when only the document was asked for. */
  readonly data: string | undefined
  /** Names of props that the data has and the document's script leaves out. */
  readonly serverOnly?: readonly string[] | undefined
  readonly lifetime: Lifetime
  /** What the page has set, where that is to be kept with it. */
  readonly headers?: readonly HeaderPair[]
}

export interface RedirectResponse {
  readonly type: 'redirect'
  readonly status: RedirectStatus
  /** As the page wrote it: without the base path when it is relative. */
  readonly destination: string
  /** `false` when the page asked for a destination outside the mount. */
  readonly basePath: boolean
  readonly lifetime: Lifetime
}

export interface NotFoundResponse {
  readonly type: 'not-found'
  readonly lifetime: Lifetime
}

/** What the `GET` of a static route handler answered, whole. */
export interface HandlerResponse {
  readonly type: 'handler'
  readonly status: number
  /** In the order in which they are sent. */
  readonly headers: readonly HeaderPair[]
  readonly body: Buffer
  readonly lifetime: SharedLifetime
}

export type HeaderPair = readonly [name: string, value: string]

/** What a function that `cached` has wrapped returned, as text. It is kept as pages are, and never sent. */
export interface ValueResponse {
  readonly type: 'value'
  readonly body: Buffer
  readonly lifetime: SharedLifetime
}

/** The page answered by itself through `res`; there is nothing left to send. */
export interface EndedResponse {
  readonly type: 'ended'
}

export type RedirectStatus = 301 | 302 | 303 | 307 | 308

/** How long a response may be kept; `'private'` for one visitor, one time. */
export type Lifetime = 'private' | SharedLifetime

export interface SharedLifetime {
  /** Seconds until the page is due again; `false` for never. */
  readonly revalidateSeconds: number | false
  /** Seconds after which it may not be served any more, counted from its render. */
  readonly expireSeconds: number
  /** Names that its author gave it, by which its life can be ended early. */
  readonly tags?: readonly string[]
}

/** One of the two forms of a page. */
export type Representation = 'document' | 'data'
