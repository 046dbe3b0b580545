import { EventEmitter } from 'node:events'
import type { Response as ExpressResponse } from 'express'
import { sendWebResponse } from '../../lib/server/web-response.js'

/** A response that takes what it is given, says each time that it is enough, and never asks for more. */
class Stuck extends EventEmitter {
  headersSent = false
  destroyed = false
  statusCode = 0
  readonly written: Uint8Array[] = []
  isEnded = false
  flushHeaders(): void {
    this.headersSent = true
  }
  hasHeader(): boolean {
    return false
  }
  setHeader(): this {
    return this
  }
  write(chunk: Uint8Array): boolean {
    this.written.push(chunk)
    return false
  }
  end(): void {
    this.isEnded = true
  }
}

describe('a stream to a response that never drains', () => {
  it.each([
    ['while it waits', 1],
    ['before anything was made', 0],
  ])(
    'is given up, and all that waits for it goes on, when the response closes %s [S142]',
    async (_what, made) => {
      let cancelled = 0
      let pulls = 0
      const body = new ReadableStream({
        pull(controller) {
          pulls += 1
          if (made === 1) controller.enqueue(new Uint8Array(1))
        },
        cancel: () => void (cancelled += 1),
      })
      const res = new Stuck()
      let isSettled = false
      const sent = sendWebResponse(new Response(body), res as unknown as ExpressResponse, {
        isHead: false,
      }).finally(() => (isSettled = true))
      await new Promise((resolve) => setTimeout(resolve, 20))
      expect([res.written.length, isSettled, cancelled]).toEqual([made, false, 0])

      const leftAt = performance.now()
      res.destroyed = true
      res.emit('close')
      await sent
      expect(performance.now() - leftAt).toBeLessThan(1_000)
      expect([res.written.length, res.isEnded, cancelled]).toEqual([made, false, 1])
      expect(pulls).toBeLessThanOrEqual(2)
      expect(res.listenerCount('close')).toBe(0)
    },
  )
})
