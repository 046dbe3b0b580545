import { jest } from '@jest/globals'
import type { Mark } from '../../lib/cache/store.js'
import type { RedisConnection } from '../../lib/redis/connection.js'
import { createRedisMarks } from '../../lib/redis/redis-marks.js'
import { createClock } from '../support/clock.js'

/** Redis at the other end of a line on which questions and answers take their time. */
function createMarks({ skew = 0 } = {}) {
  const clock = createClock(1_000_000)
  const line = { there: 0, back: 0, isReady: true, lie: undefined as unknown }
  const said: string[] = []
  const connection: RedisConnection = {
    get isReady() {
      return line.isReady
    },
    async send(...parts) {
      if (line.lie !== undefined) return line.lie
      const name = String(parts[5])
      if (name.startsWith('htag:')) {
        said.push(name)
        return String(clock.now())
      }
      clock.advance(line.there)
      const theirs = clock.now() + skew
      clock.advance(line.back)
      return [String(theirs), '0', '0']
    },
    sendForBytes: async () => null,
    pingListener: async () => {},
    renew() {},
    close() {},
  }
  const marks = createRedisMarks({
    connection,
    prefix: 'p',
    now: clock.now,
    maxTtl: 1_000,
    onError: (error) => {
      if (line.lie === undefined) throw error
    },
  })
  const ask = async () => {
    marks.catchUp()
    await new Promise((resolve) => setImmediate(resolve))
  }
  return { marks, line, ask, said }
}

describe('the difference between two clocks', () => {
  it('is what Redis says, in the middle of the time that it took', async () => {
    const { marks, line, ask } = createMarks({ skew: 300_000 })
    Object.assign(line, { there: 2, back: 2 })
    await ask()
    expect(marks.offset).toBe(300_000)
    marks.close()
  })

  it.each([
    [0, 400],
    [400, 0],
  ])('stays what it was where an answer of %i + %i ms does not tell it better', async (there, back) => {
    for (const skew of [0, -300_000]) {
      const { marks, line, ask } = createMarks({ skew })
      await ask()
      expect(marks.offset).toBe(skew)
      Object.assign(line, { there, back })
      await ask()
      expect(marks.offset).toBe(skew)
      marks.close()
    }
  })
})

describe('an answer that is none of Redis', () => {
  it.each([
    ['a text', 'OK'],
    ['nothing', null],
    ['a list of something else', ['a', 'b', 'c', 'htag:a', 'd']],
    ['a mark without a time', ['1000000', '0', '0', 'htag:a', 'nan']],
  ])('such as %s, is not taken for times', async (_what, lie) => {
    const { marks, line, ask } = createMarks()
    const told: Mark[] = []
    marks.subscribe({ invalidated: (mark) => void told.push(mark), lost() {} })
    await ask()
    line.lie = lie
    await ask()
    await expect(marks.invalidate({ name: 'tag:a', isSoft: false })).rejects.toThrow('Redis answered')
    line.lie = undefined
    await ask()
    expect([marks.offset, marks.floor, told]).toEqual([0, 0, []])
    marks.close()
  })
})

describe('what was invalidated last', () => {
  afterEach(() => jest.useRealTimers())

  it('is said again when Redis is back, however long it was away: who took over may lack it', async () => {
    jest.useFakeTimers()
    const { marks, line, said } = createMarks()
    marks.catchUp()
    await marks.invalidate({ name: 'tag:early', isSoft: false })
    await jest.advanceTimersByTimeAsync(300_000)
    await marks.invalidate({ name: 'tag:late', isSoft: false })
    await jest.advanceTimersByTimeAsync(1_000)
    line.isReady = false
    await jest.advanceTimersByTimeAsync(600_000)
    said.length = 0

    line.isReady = true
    marks.catchUp()
    await jest.advanceTimersByTimeAsync(10)
    expect(said).toEqual(['htag:late'])
    marks.close()
  })
})
