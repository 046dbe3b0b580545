import { jest } from '@jest/globals'
import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import {
  startDataSource,
  startMachine,
  stopMachines,
  type DataSource,
  type Machine,
} from '../support/fleet.js'
import { describeRedis, startRedis, stopRedisServers, type RedisServer } from '../support/redis.js'

jest.setTimeout(60_000)

describeRedis('three processes on one Redis', () => {
  let redis: RedisServer
  let data: DataSource
  let machines: Machine[]

  beforeEach(async () => {
    redis = await startRedis()
    data = await startDataSource()
    machines = await Promise.all([1, 2, 3].map(() => startMachine(redis.url, data.url)))
  })
  afterEach(async () => {
    await stopMachines()
    await data.stop()
    await stopRedisServers()
  })

  const askAll = (path: string) => Promise.all(machines.map((machine) => machine.ask(path)))

  /** Waits until every machine shows a text; answers how long that took. */
  async function untilAllShow(path: string, text: string, among = machines): Promise<number> {
    const begun = performance.now()
    for (;;) {
      const shown = await Promise.all(among.map((machine) => machine.ask(path)))
      if (shown.every((one) => one === `${path} ${text}`)) return performance.now() - begun
      if (performance.now() - begun > 10_000) throw new Error(`Shown are ${shown.join(', ')}.`)
      await pause(10)
    }
  }

  it('render a cold page once, and once for each expiry [S109]', async () => {
    data.delay = 100
    await Promise.all(Array.from({ length: 30 }, () => askAll('/brief/a')))
    expect(data.reads()).toEqual(['/brief/a'])

    for (let turn = 0; turn < 4; turn += 1) {
      await pause(1_050)
      const until = performance.now() + 500
      while (performance.now() < until) {
        await askAll('/brief/a')
        await pause(10)
      }
      expect(data.reads()).toEqual(['/brief/a'])
    }
  })

  it('render at most once each while Redis is away [S109]', async () => {
    await askAll('/brief/a')
    data.reads()
    await redis.kill()
    await pause(1_100)
    for (let turn = 0; turn < 20; turn += 1) {
      expect(await askAll('/brief/a')).toEqual(Array(3).fill('/brief/a one'))
      await pause(20)
    }
    expect(data.reads().length).toBeLessThanOrEqual(3)
  })

  it('all have the new page within a second of a revalidation on one, for each kind of target', async () => {
    await askAll('/long/a')
    const targets = ['/long/a', { tag: 'long' }, { route: '/long/[id]' }, { prefix: '/long' }]
    for (const [index, target] of targets.entries()) {
      await pause(50)
      data.text = `version-${index}`
      expect(await machines[index % 3]!.revalidate(target)).toBe('done')
      expect(await machines[index % 3]!.ask('/long/a')).toBe(`/long/a version-${index}`)
      expect(await untilAllShow('/long/a', `version-${index}`)).toBeLessThan(1_000)
    }
  })

  it('hear of an invalidation whose message was lost [S176]', async () => {
    await askAll('/long/a')
    data.text = 'two'
    await redis.command('CLIENT', 'KILL', 'TYPE', 'pubsub')
    expect(await machines[0]!.revalidate({ tag: 'long' })).toBe('done')
    expect(await untilAllShow('/long/a', 'two')).toBeLessThan(2_500)
  })

  it('that were cut off trust nothing of Redis until they know what they missed [S176]', async () => {
    const proxy = await startProxy(redis.port)
    const cut = await startMachine(proxy.url, data.url)
    expect(await cut.ask('/long/a')).toBe('/long/a one')
    expect(await cut.ask('/long/b')).toBe('/long/b one')

    proxy.cut()
    await pause(200)
    data.text = 'two'
    expect(await machines[0]!.revalidate({ tag: 'long' })).toBe('done')
    expect(await machines[0]!.ask('/long/a')).toBe('/long/a two')
    proxy.mend()

    expect(await untilAllShow('/long/a', 'two', [cut])).toBeLessThan(5_000)
    expect(await cut.ask('/long/b')).toBe('/long/b two')
    await proxy.stop()
  })

  it('find what others have produced when they start', async () => {
    await machines[0]!.ask('/long/a')
    data.reads()
    const late = await startMachine(redis.url, data.url)
    expect(await late.ask('/long/a')).toBe('/long/a one')
    expect(data.reads()).toEqual([])
  })

  it('know when they start what was invalidated before', async () => {
    await askAll('/long/a')
    data.text = 'two'
    await machines[0]!.revalidate({ tag: 'long' })
    const late = await startMachine(redis.url, data.url)
    expect(await late.ask('/long/a')).toBe('/long/a two')
  })

  it('wait for one that was killed at its render no longer than two seconds [S110]', async () => {
    data.delay = 60_000
    void machines[0]!.ask('/long/a').catch(() => undefined)
    while (data.reads().length === 0) await pause(10)
    await machines[0]!.kill()
    data.delay = 0
    const begun = performance.now()
    expect(await machines[1]!.ask('/long/a')).toBe('/long/a one')
    expect(performance.now() - begun).toBeLessThan(2_800)
  })

  it('that was stopped past its lease cannot write over what was rendered later [S174]', async () => {
    const [stopped, quick, third] = machines
    data.delay = 300
    const early = stopped!.ask('/long/a')
    while (data.reads().length === 0) await pause(5)
    stopped!.process.kill('SIGSTOP')
    data.text = 'two'
    expect(await quick!.ask('/long/a')).toBe('/long/a two')
    // Its lease is over by then.
    await pause(8_500)
    stopped!.process.kill('SIGCONT')
    await early
    await pause(300)

    data.reads()
    expect(await third!.ask('/long/a')).toBe('/long/a two')
    expect(data.reads()).toEqual([])
    expect(await redis.command('KEYS', '*lease*')).toBe('*0\r\n')
  })

  it('of two builds share no entry, but every invalidation [S177]', async () => {
    const [old] = machines
    const next = await startMachine(redis.url, data.url, 'two')
    expect(await old!.ask('/long/a')).toBe('/long/a one')
    data.text = 'two'
    expect(await next.ask('/long/a')).toBe('/long/a two')
    expect(await old!.ask('/long/a')).toBe('/long/a one')

    data.text = 'three'
    await next.revalidate({ tag: 'long' })
    await untilAllShow('/long/a', 'three', [old!, next])
    // A roll-back finds its entries.
    const again = await startMachine(redis.url, data.url, 'one')
    data.reads()
    expect(await again.ask('/long/a')).toBe('/long/a three')
    expect(data.reads()).toEqual([])
  })

  it('end with SIGTERM at once, and leave no lease behind [S153]', async () => {
    await machines[0]!.ask('/brief/a')
    const begun = performance.now()
    await machines[0]!.kill('SIGTERM')
    expect(performance.now() - begun).toBeLessThan(5_000)
    expect(machines[0]!.process.exitCode).toBe(0)
    expect(await redis.command('KEYS', '*lease*')).toBe('*0\r\n')
  })
})

/** Stands between a machine and Redis, and can be cut. */
async function startProxy(target: number) {
  const sockets = new Set<Socket>()
  let isCut = false
  const server = createServer((socket) => {
    if (isCut) return void socket.destroy()
    const other = connect(target, '127.0.0.1')
    for (const one of [socket, other]) {
      sockets.add(one)
      one.on('error', () => {})
      one.on('close', () => {
        sockets.delete(one)
        socket.destroy()
        other.destroy()
      })
    }
    socket.pipe(other)
    other.pipe(socket)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `redis://127.0.0.1:${(server.address() as AddressInfo).port}`,
    cut() {
      isCut = true
      for (const socket of sockets) socket.destroy()
    },
    mend: () => void (isCut = false),
    async stop() {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}
