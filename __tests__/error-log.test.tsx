import { jest } from '@jest/globals'
import { createTestApp } from 'pagepress/testing'
import request from 'supertest'
import { createErrorLog } from '../lib/error-log.js'
import { createClock } from './support/clock.js'
import { failOnConsole, takeConsole } from './support/console.js'

failOnConsole()

/** A site without an `onError`, whose data source is away as long as the test says. */
function open({ dev = false } = {}) {
  const clock = createClock()
  const state = { isAway: false, tries: 0 }
  const { app, settled } = createTestApp({
    now: clock.now,
    options: { dev, onError: undefined as never },
    pages: {
      '/p/[id]': {
        default: ({ id }: { id: string }) => <p>{id}</p>,
        getStaticPaths: () => ({ paths: [], fallback: 'blocking' }),
        getStaticProps({ params }: { params: { id: string } }) {
          state.tries += 1
          if (state.isAway) throw new Error(`away, try ${state.tries}`)
          return { props: params, revalidate: 10 }
        },
      },
      '/now': {
        default: () => <p>now</p>,
        getServerSideProps({ query }: { query: { why?: string } }) {
          throw new Error(query.why ?? 'broken')
        },
      },
    },
  })
  const visit = async (path: string) => {
    const { status } = await request(app).get(path)
    await settled()
    return status
  }
  return { clock, state, visit }
}

/** The first line of what was logged, each. */
const lines = () => takeConsole().map((text) => text.split('\n')[0])

describe('the log of a site without onError', () => {
  it('has one line of a page that cannot be refreshed, however often it is tried within a minute [S114]', async () => {
    const { clock, state, visit } = open()
    await visit('/p/a')
    await visit('/p/b')
    state.isAway = true
    for (let minute = 0; minute < 10; minute += 1) {
      clock.advance(60_000)
      expect([await visit('/p/a'), await visit('/p/b')]).toEqual([200, 200])
    }
    expect(state.tries).toBe(22)
    expect(lines()).toEqual([
      'pagepress: refresh failed for "/p/a": Error: away, try 3',
      'pagepress: refresh failed for "/p/b": Error: away, try 4',
    ])
  })

  it('has one line of an error that visitors of a page get again and again, and of each other one', async () => {
    const { visit } = open()
    for (let count = 0; count < 20; count += 1) expect(await visit('/now')).toBe(500)
    await visit('/now?why=other')
    expect(lines()).toEqual([
      'pagepress: request failed for "/now": Error: broken',
      'pagepress: request failed for "/now": Error: other',
    ])
  })

  it('has all of them in development, where somebody is looking for the reason', async () => {
    const { visit } = open({ dev: true })
    await visit('/now')
    await visit('/now')
    expect(lines().filter((line) => line?.startsWith('pagepress: request failed'))).toHaveLength(2)
  })
})

describe('an error log', () => {
  const info = { phase: 'refresh', pathname: '/a' } as const

  it('says with the next line, after a minute, how many it has left out [S114]', () => {
    const clock = createClock()
    const log = createErrorLog(clock.now)
    for (let second = 0; second <= 150; second += 1) {
      log('away', info)
      clock.advance(1_000)
    }
    const left = ' what was thrown is no error, but this: away'
    expect(lines()).toEqual([
      `pagepress: refresh failed for "/a":${left}`,
      `pagepress: refresh failed for "/a" (59 more since this was logged last):${left}`,
      `pagepress: refresh failed for "/a" (59 more since this was logged last):${left}`,
    ])
  })

  it('tells phases and paths apart, and remembers a thousand of them', () => {
    const log = createErrorLog(createClock().now)
    const logAll = (count: number) => {
      for (let index = 0; index < count; index += 1) log(1, { phase: 'refresh', pathname: `/${index}` })
      return lines().length
    }
    expect(logAll(1_000)).toBe(1_000)
    expect(logAll(1_000)).toBe(0)
    log(1, { phase: 'revalidate', pathname: '/1' })
    log(1, { phase: 'refresh', route: '/1' })
    expect(lines()).toHaveLength(1)
    expect(logAll(1)).toBe(1)
  })

  it('takes what throws when it is touched', () => {
    const log = createErrorLog(createClock().now)
    const error = Object.defineProperty(new Error('x'), 'message', {
      get() {
        throw new Error('touched')
      },
    })
    jest.spyOn(console, 'error').mockImplementation(() => {})
    expect(() => log(error, { phase: 'request' })).not.toThrow()
  })
})
