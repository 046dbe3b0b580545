import { jest } from '@jest/globals'
import { setTimeout as pause } from 'node:timers/promises'
import {
  startDataSource,
  startMachine,
  stopMachines,
  untilAll,
  type DataSource,
  type Machine,
} from '../support/fleet.js'
import { openLine, stopLines } from '../support/line.js'
import { describeRedis, startRedis, stopRedisServers, type RedisServer } from '../support/redis.js'

jest.setTimeout(60_000)

describeRedis('three processes on one Redis', () => {
  let redis: RedisServer
  let data: DataSource
  let machines: Machine[]
  let tests = 0
  /** Pages that no other test has asked for. */
  let page: string
  let other: string

  beforeAll(async () => {
    redis = await startRedis()
    data = await startDataSource()
    machines = await startThree(redis, data)
  })
  beforeEach(() => {
    tests += 1
    page = `/long/a${tests}`
    other = `/long/b${tests}`
    data.text = 'one'
    data.reads()
  })
  afterAll(() => stopAll(data))

  const askAll = (path: string) => Promise.all(machines.map((machine) => machine.ask(path)))

  /** Waits until every machine shows a text; answers how long that took. */
  const untilAllShow = (path: string, text: string, among = machines) =>
    untilAll(among, path, (one) => one === `${path} ${text}`)

  it('all have the new page within a second of a revalidation on one, for each kind of target', async () => {
    await askAll(page)
    const targets = [page, { tag: 'long' }, { route: '/long/[id]' }, { prefix: '/long' }]
    for (const [index, target] of targets.entries()) {
      await pause(50)
      data.text = `version-${index}`
      expect(await machines[index % 3]!.revalidate(target)).toBe('done')
      expect(await machines[index % 3]!.ask(page)).toBe(`${page} version-${index}`)
      expect(await untilAllShow(page, `version-${index}`)).toBeLessThan(1_000)
    }
  })

  it('hear of an invalidation whose message was lost [S176]', async () => {
    await askAll(page)
    data.text = 'two'
    await redis.command('CLIENT', 'KILL', 'TYPE', 'pubsub')
    expect(await machines[0]!.revalidate({ tag: 'long' })).toBe('done')
    expect(await untilAllShow(page, 'two')).toBeLessThan(2_500)
  })

  it('that were cut off trust nothing of Redis until they know what they missed [S176]', async () => {
    const line = await openLine(redis.port)
    const cut = await startMachine(line.url, data.url)
    expect(await cut.ask(page)).toBe(`${page} one`)
    expect(await cut.ask(other)).toBe(`${other} one`)

    line.mode = 'closed'
    line.cut()
    await pause(200)
    data.text = 'two'
    expect(await machines[0]!.revalidate({ tag: 'long' })).toBe('done')
    expect(await machines[0]!.ask(page)).toBe(`${page} two`)
    line.mode = 'open'

    expect(await untilAllShow(page, 'two', [cut])).toBeLessThan(5_000)
    expect(await cut.ask(other)).toBe(`${other} two`)
  })

  it('find what others have produced when they start', async () => {
    await machines[0]!.ask(page)
    data.reads()
    const late = await startMachine(redis.url, data.url)
    expect(await late.ask(page)).toBe(`${page} one`)
    expect(data.reads()).toEqual([])
  })

  it('know when they start what was invalidated before', async () => {
    await askAll(page)
    data.text = 'two'
    await machines[0]!.revalidate({ tag: 'long' })
    const late = await startMachine(redis.url, data.url)
    expect(await late.ask(page)).toBe(`${page} two`)
  })

  it('of two builds share no entry, but every invalidation [S177]', async () => {
    const [old] = machines
    const next = await startMachine(redis.url, data.url, { buildId: 'two' })
    expect(await old!.ask(page)).toBe(`${page} one`)
    data.text = 'two'
    expect(await next.ask(page)).toBe(`${page} two`)
    expect(await old!.ask(page)).toBe(`${page} one`)

    data.text = 'three'
    await next.revalidate({ tag: 'long' })
    await untilAllShow(page, 'three', [old!, next])
    // A roll-back finds its entries.
    const again = await startMachine(redis.url, data.url, { buildId: 'one' })
    data.reads()
    expect(await again.ask(page)).toBe(`${page} three`)
    expect(data.reads()).toEqual([])
  })
})

describeRedis('processes on one Redis, one of which ends,', () => {
  let redis: RedisServer
  let data: DataSource
  let machines: Machine[]

  beforeEach(async () => {
    redis = await startRedis()
    data = await startDataSource()
    machines = await startThree(redis, data)
  })
  afterEach(() => stopAll(data))

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

  it('end with SIGTERM when what they are at is done: visitors answered, pages kept, no lease left [S153]', async () => {
    const [ending, staying] = machines
    await ending!.ask('/brief/a')
    await pause(1_050)
    data.reads()
    data.delay = 700
    data.text = 'two'
    const waiting = ending!.ask('/long/a')
    expect(await ending!.ask('/brief/a')).toBe('/brief/a one')
    for (let seen = 0; seen < 2; seen += data.reads().length) await pause(10)
    const begun = performance.now()
    await ending!.kill('SIGTERM')
    expect(performance.now() - begun).toBeLessThan(5_000)
    expect([await waiting, ending!.process.exitCode]).toEqual(['/long/a two', 0])
    expect(await redis.command('KEYS', '*lease*')).toBe('*0\r\n')
    // Two connections of each that is left, and the one that asks.
    const clients = await redis.command('CLIENT', 'LIST')
    expect(clients.match(/\bid=\d+/g)).toHaveLength(5)

    // The page and the refresh that it was at are there for the others.
    data.reads()
    expect(await staying!.ask('/long/a')).toBe('/long/a two')
    expect(await staying!.ask('/brief/a')).toBe('/brief/a two')
    expect(data.reads().filter((path) => path === '/long/a')).toEqual([])
  })
})

function startThree(redis: RedisServer, data: DataSource): Promise<Machine[]> {
  return Promise.all([1, 2, 3].map(() => startMachine(redis.url, data.url)))
}

async function stopAll(data: DataSource): Promise<void> {
  await stopMachines()
  await data.stop()
  await stopLines()
  await stopRedisServers()
}
