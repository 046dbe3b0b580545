import type { Response } from 'express'
import { propertyOf } from '../errors.js'

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
  let controller: AbortController | undefined
  const hasLeft = () => res.destroyed && !res.writableFinished

  return {
    get signal() {
      if (controller !== undefined) return controller.signal
      const made = (controller = new AbortController())
      const onClose = () => {
        if (!res.writableFinished) made.abort()
      }
      if (res.closed) onClose()
      else res.once('close', onClose)
      return made.signal
    },
    abort(reason) {
      controller?.abort(reason)
    },
    explains(error) {
      const isReason = controller?.signal.aborted === true && error === controller.signal.reason
      return hasLeft() && (isReason || propertyOf(error, 'name') === 'AbortError')
    },
  }
}
