import type { Response } from 'express'

/** Tells work for a visitor that nobody waits for it any more. */
export interface VisitSignal {
  /** Made when it is first asked for: most functions never do. */
  readonly signal: AbortSignal
  /** Aborts for another reason than that the visitor has left. */
  abort(reason: unknown): void
  /** Whether an error is only what work that was told to stop answers with. */
  explains(error: unknown): boolean
}

export function createVisitSignal(res: Response): VisitSignal {
  return new ResponseVisit(res)
}

/**
 * A class: an object whose getter is a closure of its own gets a shape of its own from V8, which lives in the old
 * generation and keeps the whole request alive until that is collected.
 */
class ResponseVisit implements VisitSignal {
  #controller: AbortController | undefined
  readonly #res: Response

  constructor(res: Response) {
    this.#res = res
  }

  get signal(): AbortSignal {
    if (this.#controller !== undefined) return this.#controller.signal
    const res = this.#res
    const made = (this.#controller = new AbortController())
    const onClose = () => {
      if (!res.writableFinished) made.abort()
    }
    if (res.closed) onClose()
    else res.once('close', onClose)
    return made.signal
  }

  abort(reason: unknown): void {
    this.#controller?.abort(reason)
  }

  explains(error: unknown): boolean {
    const res = this.#res
    const hasLeft = res.destroyed && !res.writableFinished
    const isReason = this.#controller?.signal.aborted === true && error === this.#controller.signal.reason
    return hasLeft && (isReason || (error instanceof Error && error.name === 'AbortError'))
  }
}
