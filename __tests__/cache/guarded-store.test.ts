/** @timed */
import { jest } from '@jest/globals'
import { setTimeout as pause } from 'node:timers/promises'
import { createGuardedStore } from '../../lib/cache/guarded-store.js'
import { emptyStore } from '../../lib/cache/store.js'

describe('a lease that a store grants', () => {
  it('when nobody waits for it any more is given back: others would wait for it', async () => {
    const released: string[] = []
    const errors: unknown[] = []
    const store = createGuardedStore(
      {
        ...emptyStore,
        timeoutMs: 20,
        lease: async (key) => {
          await pause(100)
          return { release: async () => void released.push(key) }
        },
      },
      (error) => errors.push(error),
    )
    const begun = performance.now()
    const lease = await store.lease('/a', 10_000)
    expect(lease).toBeDefined()
    expect(performance.now() - begun).toBeLessThan(100)
    await lease!.release()
    expect(released).toEqual([])
    await pause(150)
    expect(released).toEqual(['/a'])
    expect(errors).toHaveLength(1)
  })

  it('in time is given back by whoever got it', async () => {
    const released: string[] = []
    const store = createGuardedStore(
      { ...emptyStore, lease: async (key) => ({ release: async () => void released.push(key) }) },
      () => {},
    )
    const lease = await store.lease('/a', 10_000)
    expect(released).toEqual([])
    await lease!.release()
    expect(released).toEqual(['/a'])
  })
})

describe('an invalidation that waits for the store to come back', () => {
  afterEach(() => jest.restoreAllMocks())

  it.each([3_600_000, -3_600_000])('is as old as before when the clock moves by %i ms', async (jump) => {
    const said: number[] = []
    let isAway = true
    const store = createGuardedStore(
      {
        ...emptyStore,
        async invalidate({ before }) {
          if (isAway) throw new Error('away')
          said.push(before!)
          return before!
        },
      },
      () => {},
    )
    const asked = Date.now()
    await expect(store.invalidate({ name: 'tag:a', isSoft: false })).rejects.toThrow('away')
    const rightTime = Date.now
    jest.spyOn(Date, 'now').mockImplementation(() => rightTime() + jump)
    isAway = false
    for (const begun = performance.now(); said.length === 0; await pause(20))
      expect(performance.now() - begun).toBeLessThan(10_000)
    expect(Math.abs(said[0]! - asked - jump)).toBeLessThan(500)
  })
})
