/** @timed */
import { connect } from 'node:net'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { Suspense, use } from 'react'
import type { GetServerSidePropsContext } from 'pagepress'
import { createTestApp } from 'pagepress/testing'
import { failOnConsole } from '../support/console.js'
import { serve, stopServers } from '../support/serve.js'

failOnConsole()
afterEach(stopServers)

const MB = 1024 ** 2

function collectGarbage(): void {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  for (let round = 0; round < 3; round++) collect()
}

async function until(isDone: () => boolean): Promise<void> {
  while (!isDone()) await new Promise((resolve) => setTimeout(resolve, 1))
}

describe('visitors who leave', () => {
  it('are noticed at once, and leave nothing behind, ten thousand of them [S138]', async () => {
    const counts = { asked: 0, aborted: 0, rendered: 0, closed: 0 }
    let abortedAt = 0
    const Wait = () => {
      counts.asked++
      // One for each render: what all wait for would remember them all.
      use(new Promise(() => {}))
      counts.rendered++
      return null
    }
    const { app, errors } = createTestApp({
      pages: {
        '/data': {
          default: () => (counts.rendered++, null),
          getServerSideProps: async ({ signal }: GetServerSidePropsContext) => {
            counts.asked++
            await new Promise<void>((resolve) =>
              signal.addEventListener('abort', () => {
                counts.aborted++
                abortedAt = performance.now()
                resolve()
              }),
            )
            signal.throwIfAborted()
          },
        },
        '/render': {
          default: () => (
            <Suspense>
              <Wait />
            </Suspense>
          ),
          getServerSideProps: () => ({ props: {} }),
        },
      },
    })
    const { port, server } = await serve(app)
    server.on('connection', (socket) => socket.once('close', () => counts.closed++))
    /** So many visitors ask for a path, and leave when all of them wait. */
    const come = async (path: string, visitors: number) => {
      const [asked, closed] = [counts.asked + visitors, counts.closed + visitors]
      const sockets = Array.from({ length: visitors }, () => connect(port, '127.0.0.1'))
      for (const socket of sockets) socket.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`)
      // The first render that suspends is tried again as a stream.
      await until(() => counts.asked >= asked)
      const leftAt = performance.now()
      for (const socket of sockets) socket.destroy()
      await until(() => counts.closed === closed)
      return leftAt
    }

    const leftAt = await come('/data', 1)
    await until(() => counts.aborted === 1)
    expect(abortedAt - leftAt).toBeLessThan(100)

    for (const path of ['/data', '/render']) for (let round = 0; round < 5; round++) await come(path, 100)
    collectGarbage()
    const before = process.memoryUsage()
    for (const path of ['/data', '/render']) for (let round = 0; round < 50; round++) await come(path, 100)
    await new Promise((resolve) => setTimeout(resolve, 50))
    collectGarbage()
    const after = process.memoryUsage()

    expect([counts.rendered, errors]).toEqual([0, []])
    expect(after.heapUsed - before.heapUsed).toBeLessThan(5 * MB)
    expect(after.external - before.external).toBeLessThan(5 * MB)
  }, 60_000)
})
