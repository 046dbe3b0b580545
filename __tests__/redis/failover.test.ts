import { jest } from '@jest/globals'
import { setTimeout as pause } from 'node:timers/promises'
import {
  startDataSource,
  startMachine,
  stopMachines,
  type DataSource,
  type Machine,
} from '../support/fleet.js'
import { openLine, stopLines, type Line } from '../support/line.js'
import { describeRedis, startRedis, stopRedisServers, type RedisServer } from '../support/redis.js'

jest.setTimeout(60_000)

describeRedis('a replica that takes over, and lacks what its master had acknowledged last,', () => {
  let master: RedisServer
  let replica: RedisServer
  /** What the machines know as Redis, and what the replica knows as its master. */
  let front: Line
  let behind: Line
  let data: DataSource
  let machines: Machine[]

  beforeEach(async () => {
    master = await startRedis('--repl-diskless-sync-delay', '0')
    behind = await openLine(master.port)
    replica = await startRedis('--replicaof', '127.0.0.1', new URL(behind.url).port)
    front = await openLine(master.port)
    data = await startDataSource()
    machines = await Promise.all([1, 2].map(() => startMachine(front.url, data.url)))
  })
  afterEach(async () => {
    await stopMachines()
    await data.stop()
    await stopLines()
    await stopRedisServers()
  })

  async function until(what: string, isSo: () => Promise<boolean>): Promise<void> {
    const begun = performance.now()
    while (!(await isSo())) {
      if (performance.now() - begun > 10_000) throw new Error(`It never came that ${what}.`)
      await pause(20)
    }
  }

  /** Waits until the replica has some pages, and no lease any more, then cuts it off. */
  async function isolateReplica(pages: number): Promise<void> {
    await until('the replica has all pages', async () => {
      const keys = await replica.command('KEYS', 'pagepress:*')
      return keys.startsWith(`*${pages}\r\n`) && !keys.includes('lease')
    })
    behind.mode = 'closed'
    behind.cut()
  }

  async function failOver(): Promise<void> {
    await master.kill()
    expect(await replica.command('REPLICAOF', 'NO', 'ONE')).toContain('OK')
    front.target = replica.port
  }

  /** Asks all machines again and again, while something else is done; answers what they have shown. */
  async function watch(paths: string[], meanwhile: () => Promise<void>): Promise<string[]> {
    const shown: string[] = []
    let isOver = false
    const asking = (async () => {
      while (!isOver) {
        for (const path of paths) for (const machine of machines) shown.push(await machine.ask(path))
        await pause(20)
      }
    })()
    try {
      await meanwhile()
    } finally {
      isOver = true
      await asking
    }
    return shown
  }

  it('is told again what was revalidated, and nobody sees the page from before [S173]', async () => {
    const [first, second] = machines
    const pages = ['/long/path', '/long/tag']
    for (const page of pages) expect(await first!.ask(page)).toBe(`${page} one`)
    for (const page of pages) expect(await second!.ask(page)).toBe(`${page} one`)
    await isolateReplica(2)

    data.text = 'two'
    expect(await first!.revalidate('/long/path')).toBe('done')
    expect(await first!.revalidate({ tag: 'long' })).toBe('done')
    for (const machine of machines)
      for (const page of pages) while ((await machine.ask(page)) !== `${page} two`) await pause(10)
    // It has the pages from before, and no word of their end.
    expect(await replica.command('EXISTS', '{pagepress}:marks')).toBe(':0\r\n')

    const shown = await watch(pages, async () => {
      await failOver()
      await until('marks are said again', async () =>
        (await replica.command('ZCARD', '{pagepress}:marks')).startsWith(':2'),
      )
      const late = await startMachine(front.url, data.url)
      for (const page of pages) expect(await late.ask(page)).toBe(`${page} two`)
    })
    expect(shown.length).toBeGreaterThan(40)
    expect(new Set(shown)).toEqual(new Set(pages.map((page) => `${page} two`)))
  })

  it('shows what was refreshed since for no longer than a page lives [S173]', async () => {
    const [first] = machines
    const page = '/brief/refreshed'
    expect(await first!.ask(page)).toBe(`${page} one`)
    await isolateReplica(1)
    data.text = 'two'
    for (const machine of machines) while ((await machine.ask(page)) !== `${page} two`) await pause(50)

    const shown = await watch([page], async () => {
      await failOver()
      const late = await startMachine(front.url, data.url)
      // Older than its second by now: served once at most, and refreshed behind that visitor.
      expect(await late.ask(page)).toMatch(/ (one|two)$/)
      const begun = performance.now()
      while ((await late.ask(page)) !== `${page} two`) await pause(10)
      expect(performance.now() - begun).toBeLessThan(1_500)
    })
    expect(shown.length).toBeGreaterThan(20)
    expect(new Set(shown)).toEqual(new Set([`${page} two`]))
  })
})
