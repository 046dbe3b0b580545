import type { Request, Response } from 'express'

/** Gives a request and a response methods of their own for as long as a handler answers. */
export interface ApiScope {
  /** @returns what takes them back; they go by themselves when the response is finished or lost. */
  enter(req: Request, res: Response): () => void
}

/**
 * The methods stand in a prototype in front of the app's, so that nothing of the app's own is written over: what the
 * app has put on the response itself stays in force, and what comes after the handler finds Express as it was.
 */
export function createApiScope(methods: object): ApiScope {
  const prototypes = new WeakMap<object, object>()

  function prototypeFor(original: object): object {
    const known = prototypes.get(original)
    if (known !== undefined) return known
    const made = Object.create(original, Object.getOwnPropertyDescriptors(methods)) as object
    prototypes.set(original, made)
    return made
  }

  return {
    enter(req, res) {
      const original = Object.getPrototypeOf(res) as object
      const ours = prototypeFor(original)
      const query = Object.getOwnPropertyDescriptor(req, 'query')
      Object.setPrototypeOf(res, ours)
      let isOver = false

      function leave(): void {
        if (isOver) return
        isOver = true
        // An Express app inside the handler gives the response a prototype of its own, and may be at work still.
        if (Object.getPrototypeOf(res) === ours) Object.setPrototypeOf(res, original)
        if (query === undefined) delete (req as { query?: unknown }).query
        else Object.defineProperty(req, 'query', query)
      }
      // Before the listeners of the app, which may look at the response.
      res.prependOnceListener('finish', leave)
      res.prependOnceListener('close', leave)
      return leave
    },
  }
}
