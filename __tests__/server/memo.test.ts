import { setImmediate as tick } from 'node:timers/promises'
import { cache } from 'pagepress'
import { withMemory } from '../../lib/server/production.js'

describe('cache', () => {
  it('runs a function once for the same arguments, within one memory', async () => {
    const calls: unknown[][] = []
    const load = cache(async (...args: unknown[]) => {
      calls.push(args)
      await tick()
      return args.length
    })
    const key = {}
    await withMemory(async () => {
      expect(
        await Promise.all([load(), load(), load(1), load(1), load(1, key), load(1, key), load(1, {})]),
      ).toEqual([0, 0, 1, 1, 2, 2, 2])
      // A memory inside of another is the same one.
      await withMemory(() => load(1))
    })
    expect(calls).toEqual([[], [1], [1, key], [1, {}]])
    await withMemory(() => load(1))
    expect(calls).toHaveLength(5)
  })

  it('gives the same failure to all who ask, thrown or rejected', async () => {
    let calls = 0
    const fail = cache((how: 'throw' | 'reject') => {
      calls++
      const failure = new Error(how)
      if (how === 'throw') throw failure
      return Promise.reject(failure)
    })
    await withMemory(async () => {
      for (let round = 0; round < 2; round++) {
        expect(() => fail('throw')).toThrow('throw')
        await expect(fail('reject')).rejects.toThrow('reject')
      }
    })
    expect(calls).toBe(2)
  })

  it('tells functions apart, and arguments as a Map tells keys', async () => {
    const calls: number[] = []
    const one = cache((value: number) => calls.push(value))
    const other = cache((value: number) => calls.push(value))
    await withMemory(async () => {
      one(NaN)
      one(NaN)
      other(NaN)
    })
    expect(calls).toEqual([NaN, NaN])
  })

  it('runs every call where there is no memory', () => {
    let calls = 0
    const count = cache(() => ++calls)
    expect([count(), count()]).toEqual([1, 2])
  })

  it('keeps two memories at one time apart', async () => {
    let calls = 0
    const load = cache(async () => {
      await tick()
      return ++calls
    })
    const twice = () => withMemory(async () => [await load(), await load()])
    expect(await Promise.all([twice(), twice()])).toEqual([
      [1, 1],
      [2, 2],
    ])
  })
})
