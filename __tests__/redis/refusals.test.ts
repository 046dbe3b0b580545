import { jest } from '@jest/globals'
import { closeRedisSites, openRedisSite, visit, WAIT } from '../support/redis-site.js'
import { freePort, startFakeRedis } from '../support/redis.js'

jest.setTimeout(60_000)

afterEach(closeRedisSites)

describe('a server that is no good Redis', () => {
  const refusals = [
    ...[
      'READONLY',
      'MOVED 1 127.0.0.1:1',
      'ASK 1 127.0.0.1:1',
      'CLUSTERDOWN',
      'TRYAGAIN',
      'LOADING',
      'MASTERDOWN',
    ],
    ...[
      'NOAUTH',
      'NOPERM',
      'WRONGPASS',
      'OOM',
      'MISCONF',
      'BUSY',
      'NOREPLICAS',
      'EXECABORT',
      'WRONGTYPE',
      'NOSCRIPT',
    ],
    'ERR unknown command',
  ]

  /** Greets as Redis does, then answers everything else in one way. */
  const greeting = ['HELLO', 'CLIENT', 'SUBSCRIBE']
  const greet = (command: string[]): string | undefined => {
    const name = command[0]!.toUpperCase()
    if (name === 'HELLO') return '%1\r\n+proto\r\n:3\r\n'
    if (name === 'SUBSCRIBE') return `>3\r\n+subscribe\r\n$${command[1]!.length}\r\n${command[1]}\r\n:1\r\n`
    return greeting.includes(name) ? '+OK\r\n' : undefined
  }

  it.each(refusals)('and says %s hurts nobody [S170]', async (refusal) => {
    const fake = await startFakeRedis((command) => greet(command) ?? `-${refusal} said the test\r\n`)
    const site = await openRedisSite(fake.url)
    const times = await visit(site, 20)
    expect(times.filter((ms) => ms > WAIT).length).toBeLessThanOrEqual(5)
    await site.site.close()
    await fake.stop()
  })

  it.each([
    [
      'knows the marks and then says OOM',
      (command: string[]) =>
        command[1]?.includes('ZRANGEBYSCORE')
          ? `*3\r\n$13\r\n${Date.now()}\r\n$1\r\n0\r\n$1\r\n0\r\n`
          : '-OOM no room\r\n',
    ],
    ['answers garbage', () => 'HTTP/1.1 400 Bad Request\r\n\r\n'],
    ['promises half a gigabyte', () => '$536870912\r\n'],
    ['says nothing', () => undefined],
  ])('and %s hurts nobody [S170]', async (_what, answer) => {
    const fake = await startFakeRedis((command) => greet(command) ?? answer(command))
    const site = await openRedisSite(fake.url)
    const before = process.memoryUsage().arrayBuffers
    const times = await visit(site, 50)
    expect(times.filter((ms) => ms > 45).length).toBeLessThanOrEqual(6)
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(50_000_000)
    await site.site.close()
    await fake.stop()
  })

  it('and closes in the middle of an answer hurts nobody [S170]', async () => {
    const fake = await startFakeRedis((command, socket) => {
      const greeted = greet(command)
      if (greeted !== undefined) return greeted
      socket.end('$100\r\nhalf')
      return undefined
    })
    const site = await openRedisSite(fake.url)
    await visit(site, 30)
    await site.site.close()
    await fake.stop()
  })

  it('and is nobody at all hurts nobody [S164]', async () => {
    const site = await openRedisSite(`redis://127.0.0.1:${await freePort()}`)
    await visit(site, 20)
  })
})
