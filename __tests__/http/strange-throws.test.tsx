import type { ErrorRequestHandler } from 'express'
import { createTestApp, type MemoryPages, type TestAppOptions } from 'pagepress/testing'
import { createClock } from '../support/clock.js'
import { failOnConsole, takeConsole } from '../support/console.js'
import { serve, stopServers } from '../support/serve.js'

failOnConsole()
afterEach(stopServers)

const blank = () => null

function throwing(get: 'message' | 'stack'): Error {
  return Object.defineProperty(new Error('hidden'), get, {
    get() {
      throw new Error('of the getter')
    },
  })
}

function revoked(): object {
  const { proxy, revoke } = Proxy.revocable(new Error('revoked'), {})
  revoke()
  return proxy
}

const strangeValues: Record<string, unknown> = {
  undefined,
  null: null,
  'a string': 'x',
  "Express's own word": 'route',
  'an object without a prototype': Object.create(null),
  'a frozen error': Object.freeze(new Error('frozen')),
  'a revoked proxy': revoked(),
  'an error whose message throws': throwing('message'),
  'an error whose stack throws': throwing('stack'),
  'an object whose every property throws': new Proxy(
    {},
    {
      get() {
        throw new Error('of the trap')
      },
    },
  ),
}

/** Ways to fail, each with what is thrown at the end. */
const ways: Record<string, () => { thrown: unknown; fail: () => unknown }> = {
  ...Object.fromEntries(
    Object.entries(strangeValues).map(([name, thrown]) => [
      name,
      () => ({
        thrown,
        fail() {
          throw thrown
        },
      }),
    ]),
  ),
  'a promise rejected twice': () => {
    const first = new Error('first')
    return {
      thrown: first,
      fail: () =>
        new Promise((_resolve, reject) => {
          reject(first)
          reject(new Error('second'))
        }),
    }
  },
  'an error of `finally`, which hides the first': () => {
    const last = new Error('last')
    return {
      thrown: last,
      async fail() {
        try {
          await Promise.reject(new Error('first'))
        } finally {
          // oxlint-disable-next-line no-unsafe-finally -- what is tested
          throw last
        }
      },
    }
  },
}

/** Pages that fail in each of the ways a page can, and one that works. */
function pagesThat(fail: () => unknown): MemoryPages {
  return {
    '/static': { default: blank, getStaticProps: fail },
    '/server': { default: blank, getServerSideProps: fail },
    '/api/fails': { default: fail },
    '/handler': { GET: fail },
    '/fine': { default: () => <p>fine</p>, getServerSideProps: () => ({ props: {} }) },
  }
}

async function open(pages: MemoryPages, more: Partial<TestAppOptions> = {}) {
  const passed: unknown[] = []
  const test = createTestApp({
    pages,
    after: (app) =>
      app.use(((error, _req, res, _next) => {
        passed.push(error)
        res.status(500).send('theirs')
      }) as ErrorRequestHandler),
    ...more,
  })
  return { ...test, ...(await serve(test.app)), passed }
}

describe('a page that throws', () => {
  for (const [name, make] of Object.entries(ways)) {
    it(`${name} is answered with 500, and heard of once as it is [S116]`, async () => {
      const { thrown, fail } = make()
      const { ask, errors, passed } = await open(pagesThat(fail))
      for (const path of [
        '/static',
        '/_data/static.json',
        '/server',
        '/_data/server.json',
        '/api/fails',
        '/handler',
      ]) {
        errors.length = 0
        const { status, headers, body } = await ask(path)
        expect([path, status]).toEqual([path, 500])
        expect(body).not.toContain('first')
        if (path !== '/api/fails') expect(headers['cache-control']).toContain('no-store')
        // By identity, because to compare them any closer is to touch them.
        expect(errors.length).toBe(1)
        expect([path, errors[0] === thrown]).toEqual([path, true])
      }
      expect(passed.length).toBe(0)
      expect((await ask('/fine')).status).toBe(200)
    })

    it(`${name} goes to next(err) once with errors: 'next' [S116]`, async () => {
      const { thrown, fail } = make()
      const { ask, passed } = await open(pagesThat(fail), { options: { errors: 'next' } })
      for (const path of ['/static', '/_data/static.json', '/server', '/api/fails', '/handler']) {
        passed.length = 0
        expect(await ask(path)).toMatchObject({ status: 500, body: 'theirs' })
        expect(passed.length).toBe(1)
        // What Express would take for "no error", or for a word of its own, is wrapped.
        const isPassable = Boolean(thrown) && thrown !== 'route'
        const [error] = passed
        const cause = isPassable ? error : (error as Error).cause
        expect([path, cause === thrown]).toEqual([path, true])
      }
      expect((await ask('/fine')).status).toBe(200)
    })

    it(`${name} while it is refreshed stays as it was, and is refreshed when it works again [S116]`, async () => {
      const { thrown, fail } = make()
      const clock = createClock()
      let fails = false
      let calls = 0
      const { ask, errors, settled } = await open(
        {
          '/p': {
            default: ({ call }: { call: number }) => <p>{call}</p>,
            getStaticProps: () => (fails ? fail() : { props: { call: ++calls }, revalidate: 10 }),
          },
        },
        { now: clock.now },
      )
      await ask('/p')
      fails = true
      clock.advance(10_000)
      const { status, body } = await ask('/p')
      await settled()
      expect([status, body.includes('<p>1</p>')]).toEqual([200, true])
      expect(errors.length).toBe(1)
      expect(errors[0] === thrown).toBe(true)

      fails = false
      clock.advance(3_000)
      await ask('/p')
      await settled()
      expect((await ask('/p')).body).toContain('<p>2</p>')
    })
  }

  it.each(Object.entries(strangeValues))(
    '%s while it is rendered is answered with 500 [S116]',
    async (_name, thrown) => {
      const fail = () => {
        throw thrown
      }
      const { ask, errors, passed } = await open({
        '/': { default: fail },
        '/server': { default: fail, getServerSideProps: () => ({ props: {} }) },
        '/fine': { default: blank },
      })
      for (const path of ['/', '/server']) {
        errors.length = 0
        expect((await ask(path)).status).toBe(500)
        // React may fail at what it cannot look into, and throws that instead.
        expect(errors.length).toBe(1)
      }
      expect(passed.length).toBe(0)
      expect((await ask('/fine')).status).toBe(200)
    },
  )
})

describe('what a promise says after it has said something else', () => {
  it('is not heard: a page that is there stays, and nobody is told [S116]', async () => {
    const { ask, errors } = await open(
      pagesThat(
        () =>
          new Promise((resolve, reject) => {
            resolve({ props: {} })
            reject(new Error('too late'))
          }),
      ),
    )
    for (const path of ['/static', '/server']) expect((await ask(path)).status).toBe(200)
    expect(errors).toEqual([])
  })
})

describe('onError that throws', () => {
  it('while a refresh fails harms nobody: the page stays and the process goes on', async () => {
    const clock = createClock()
    let calls = 0
    const { ask, settled } = await open(
      {
        '/p': {
          default: ({ call }: { call: number }) => <p>{call}</p>,
          getStaticProps() {
            if (++calls === 2) throw new Error('away')
            return { props: { call: calls }, revalidate: 10 }
          },
        },
      },
      {
        now: clock.now,
        options: {
          onError() {
            throw new Error('the logger is down')
          },
        },
      },
    )
    await ask('/p')
    clock.advance(10_000)
    expect((await ask('/p')).status).toBe(200)
    await settled()
    expect(takeConsole().join()).toMatch(/`onError` itself failed.*the logger is down/s)
    clock.advance(3_000)
    await ask('/p')
    await settled()
    expect((await ask('/p')).body).toContain('<p>3</p>')
  })
})
