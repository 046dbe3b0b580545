import request from 'supertest'
import type { ConformanceSite } from './conformance-site.js'

/** What a data function of a page does when it is called: its result, `throws` to fail, `held` to wait for `release`. */
export interface Step {
  readonly throws?: string
  readonly held?: boolean
  readonly [result: string]: unknown
}

/** The server's side of these is `controls.js` beside the sites. */
export interface Controls {
  /** Writes what a data function does, call by call; the last step is for all later calls. */
  write(name: string, ...steps: Step[]): Promise<void>
  /** Moves the server's clock, which stands still otherwise. */
  advance(milliseconds: number): Promise<void>
  /** Waits until so many calls are being held. */
  held(name: string, count?: number): Promise<void>
  /** Lets the calls go that are being held. */
  release(name: string): Promise<void>
  /** Resolves when nothing runs behind requests any more. */
  settled(): Promise<void>
}

const HELD_WITHIN_MS = 10_000

export function createControls(site: ConformanceSite): Controls {
  const post = (path: string) => request(site.url()).post(`/controls/${path}`)
  const heldOf = async (name: string) =>
    (await request(site.url()).get(`/controls/held/${name}`).expect(200)).body as number
  return {
    async write(name, ...steps) {
      await post(`script/${name}`).send(steps).expect(200)
    },
    async advance(milliseconds) {
      await post(`clock/${milliseconds}`).expect(200)
    },
    async held(name, count = 1) {
      const deadline = Date.now() + HELD_WITHIN_MS
      while ((await heldOf(name)) < count)
        if (Date.now() > deadline) throw new Error(`Nobody called ${name} ${count} times.`)
    },
    async release(name) {
      await post(`release/${name}`).expect(200)
    },
    async settled() {
      await request(site.url()).get('/controls/settled').expect(200)
    },
  }
}
