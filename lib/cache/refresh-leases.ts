import { setTimeout as pause } from 'node:timers/promises'
import { grantLease, type CacheStore, type Lease } from './store.js'

/** Who in the fleet may produce a page: asked before a render, so that machines with one store do not all render it. */
export interface RefreshLeases {
  /** Whether other processes may be producing the same pages. */
  readonly areShared: boolean
  /** The right to refresh a page behind visitors, or `undefined` if somebody else is at it. */
  forRefresh(key: string): Promise<Lease | undefined>
  /** The right to produce a page that visitors wait for; after a time, they wait for nobody else. */
  forMiss(key: string): Promise<Lease | undefined>
}

/** A process that died with a lease holds others up for no longer than this. */
const LEASE_LENGTH = 10_000
/** Visitors wait so long for another machine before this one produces the page, too. */
const LONGEST_WAIT = 2_000
const FIRST_POLL = 10
const LONGEST_POLL = 100

export function createRefreshLeases(store: CacheStore, onError: (error: unknown) => void): RefreshLeases {
  async function ask(key: string): Promise<Lease | undefined> {
    try {
      return await store.lease(key, LEASE_LENGTH)
    } catch (error) {
      // Nobody can tell who else is at it: each machine produces for itself.
      onError(error)
      return grantLease()
    }
  }

  async function forMiss(key: string): Promise<Lease | undefined> {
    const started = performance.now()
    for (let poll = FIRST_POLL; performance.now() - started < LONGEST_WAIT; poll *= 2) {
      const lease = await ask(key)
      if (lease !== undefined) return lease
      await pause(Math.min(poll, LONGEST_POLL))
    }
    return undefined
  }

  return { areShared: store.lease !== grantLease, forRefresh: ask, forMiss }
}
