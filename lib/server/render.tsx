import { Writable } from 'node:stream'
import type { ReactElement } from 'react'
import { renderToPipeableStream, renderToString } from 'react-dom/server'

export interface TreeRenderer {
  /**
   * The tree as HTML, complete: whatever suspends is waited for.
   *
   * @param route what the tree belongs to; a route that suspended once is streamed from the start after that
   * @param beginAgain called before the tree is rendered a second time
   */
  render(tree: ReactElement, route: string, beginAgain: () => void): Promise<string>
}

/**
 * Renders synchronously, which is more than twice as fast as a stream, and streams only the routes that turn out to
 * suspend.
 */
export function createTreeRenderer(): TreeRenderer {
  const suspending = new Set<string>()

  return {
    async render(tree, route, beginAgain) {
      if (!suspending.has(route)) {
        const html = renderAtOnce(tree)
        if (html !== undefined) return html
        suspending.add(route)
        beginAgain()
      }
      return renderWhenReady(tree)
    },
  }
}

/** The HTML, or `undefined` if something suspended. Errors of components are thrown. */
function renderAtOnce(tree: ReactElement): string | undefined {
  let html: string
  try {
    html = renderToString(tree)
  } catch (error) {
    if (isSuspension(error)) return undefined
    throw error
  }
  return hasUnfinishedBoundary(html) ? undefined : html
}

/** React gives up on a boundary by marking it for the browser; text of a page cannot look like that. */
function hasUnfinishedBoundary(html: string): boolean {
  return html.includes('<!--$') && (html.includes('<!--$!-->') || html.includes('<!--$?-->'))
}

/** React's complaint about suspending outside of any boundary: number 426 in its production build. */
function isSuspension(error: unknown): boolean {
  return (
    error instanceof Error &&
    /suspended while (responding|rendering)|Minified React error #426\b/.test(error.message)
  )
}

function renderWhenReady(tree: ReactElement): Promise<string> {
  return new Promise((resolve, reject) => {
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
      onAllReady: () => void stream.pipe(sink),
      onShellError: reject,
      // A boundary that failed would be shown as its fallback for ever: the page as a whole failed.
      onError(error) {
        reject(error)
        stream.abort()
      },
    })
  })
}
