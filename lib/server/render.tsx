import { Writable } from 'node:stream'
import type { ReactElement } from 'react'
import { renderToPipeableStream, renderToString } from 'react-dom/server'
import { propertyOf, renderTimeout } from '../errors.js'

export interface TreeRenderer {
  /** What `finish` makes of the tree's HTML, complete: whatever suspends is waited for. */
  render<T extends string | Buffer>(tree: ReactElement, options: RenderOptions<T>): Promise<T>
}

export interface RenderOptions<T> {
  /** What the tree belongs to; a route that suspended once is streamed from the start after that. */
  readonly route: string
  /** Called before the tree is rendered a second time. */
  beginAgain(): void
  /** Ends the render of a tree that suspends when nobody waits for it any more; asked for only then. */
  readonly signal?: (() => AbortSignal) | undefined
  /**
   * Turns the HTML into what is wanted of it. React hands it over in hundreds of pieces, which are put together only
   * once if that happens here; whether something has suspended is seen in the result.
   */
  finish(html: string): T
}

/**
 * Renders synchronously, which is more than twice as fast as a stream, and streams only the routes that turn out to
 * suspend.
 */
export function createTreeRenderer(timeoutMs: number): TreeRenderer {
  const suspending = new Set<string>()

  return {
    async render(tree, { route, beginAgain, finish, signal }) {
      if (!suspending.has(route)) {
        const html = renderAtOnce(tree)
        const finished = html === undefined ? undefined : finish(html)
        if (finished !== undefined && !hasUnfinishedBoundary(finished)) return finished
        suspending.add(route)
        beginAgain()
      }
      return finish(await renderWhenReady(tree, { route, timeoutMs, signal: signal?.() }))
    },
  }
}

/** The HTML, or `undefined` if something suspended outside of any boundary. Errors of components are thrown. */
function renderAtOnce(tree: ReactElement): string | undefined {
  try {
    return renderToString(tree)
  } catch (error) {
    if (isSuspension(error)) return undefined
    throw error
  }
}

/** React gives up on a boundary by marking it for the browser; text of a page cannot look like that. */
function hasUnfinishedBoundary(html: string | Buffer): boolean {
  // A search goes from one occurrence of its first character to the next: `<` would stop it at every tag.
  return html.includes('$!-->') || html.includes('$?-->')
}

/** React's complaint about suspending outside of any boundary: number 426 in its production build. */
function isSuspension(error: unknown): boolean {
  const message = propertyOf(error, 'message')
  return (
    typeof message === 'string' &&
    /suspended while (responding|rendering)|Minified React error #426\b/.test(message)
  )
}

interface Patience {
  readonly route: string
  readonly timeoutMs: number
  readonly signal: AbortSignal | undefined
}

/** What never stops suspending is given up, so that it does not stay in memory for ever. */
function renderWhenReady(tree: ReactElement, { route, timeoutMs, signal }: Patience): Promise<string> {
  let timer: NodeJS.Timeout | undefined
  let leave = (): void => {}
  const rendered = new Promise<string>((resolve, reject) => {
    let isStopped = false
    const stop = (reason: unknown): void => {
      // Aborting reports every boundary that is not ready as an error, too.
      if (isStopped) return
      isStopped = true
      reject(reason as Error)
      stream.abort(reason)
    }
    const chunks: Buffer[] = []
    const sink = new Writable({
      write(chunk: Buffer, _encoding, done) {
        chunks.push(chunk)
        done()
      },
      final(done) {
        resolve(Buffer.concat(chunks).toString())
        done()
      },
    })
    const stream = renderToPipeableStream(tree, {
      // Larger boundaries would be sent out of order, with inline scripts that put them in place.
      progressiveChunkSize: Number.POSITIVE_INFINITY,
      // What was given up counts as ready as well.
      onAllReady() {
        if (!isStopped) stream.pipe(sink)
      },
      onShellError: reject,
      // A boundary that failed would be shown as its fallback for ever: the page as a whole failed.
      onError: stop,
    })
    leave = () => stop(signal?.reason)
    if (signal?.aborted === true) return leave()
    signal?.addEventListener('abort', leave)
    timer = setTimeout(() => stop(renderTimeout(route, timeoutMs)), timeoutMs)
  })
  return rendered.finally(() => {
    clearTimeout(timer)
    signal?.removeEventListener('abort', leave)
  })
}
