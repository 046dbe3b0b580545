// The site that bench/crowd.js asks: a process of its own, so that asking takes nothing from its event loop. Its clock is
// put ahead, and its numbers are asked for, by messages.
import { once } from 'node:events'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout as pause } from 'node:timers/promises'
import { createElement } from 'react'
import { createTestApp } from '../dist/testing/index.js'

let ahead = 0
let running = 0
let most = 0
let renders = 0
const delay = monitorEventLoopDelay({ resolution: 5 })
delay.enable()

const text = 'x'.repeat(3_000)
const page = (milliseconds) => ({
  default: () => createElement('p', null, text),
  getStaticPaths: () => ({ paths: [], fallback: 'blocking' }),
  async getStaticProps() {
    renders += 1
    most = Math.max(most, ++running)
    await pause(milliseconds)
    running -= 1
    return { props: {}, revalidate: 60 }
  },
})

const { app, site } = createTestApp({
  now: () => Date.now() + ahead,
  options: { cache: { maxBytes: 256 * 1024 * 1024 } },
  pages: { '/p/[id]': page(2), '/other/[id]': page(50), '/slow/[id]': page(2_000) },
})
const server = app.listen(0, '127.0.0.1')
await once(server, 'listening')
process.on('message', ({ expire = 0 }) => {
  process.send({
    loopP99: delay.percentile(99) / 1e6 - 5,
    most,
    renders,
    refreshing: site.stats()?.refreshing ?? 0,
  })
  ahead += expire
  most = 0
  renders = 0
  delay.reset()
})
process.on('disconnect', () => process.exit())
process.send({ port: server.address().port })
