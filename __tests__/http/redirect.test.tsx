import request from 'supertest'
import type { GetServerSidePropsContext } from 'pagepress'
import { createTestApp } from 'pagepress/testing'
import { failOnConsole } from '../support/console.js'

failOnConsole()

const blank = () => null

/** One page that redirects, by `getServerSideProps` or `getStaticProps`. */
function createApp(redirect: unknown, { mount = '/', fn = 'getServerSideProps' } = {}) {
  return createTestApp({ pages: { '/old': { default: blank, [fn]: () => ({ redirect }) } }, mount })
}

const functions = ['getServerSideProps', 'getStaticProps']

describe.each(functions)('a redirect from %s', (fn) => {
  it('is 308 with Refresh when permanent, and 307 without otherwise [2.30][3.16]', async () => {
    const permanent = await request(createApp({ destination: '/new', permanent: true }, { fn }).app).get(
      '/old',
    )
    const temporary = await request(createApp({ destination: '/new', permanent: false }, { fn }).app).get(
      '/old',
    )
    const untold = await request(createApp({ destination: '/new' }, { fn }).app).get('/old')

    expect(permanent.status).toBe(308)
    expect(permanent.headers).toMatchObject({ location: '/new', refresh: '0;url=/new' })
    for (const answer of [temporary, untold]) {
      expect(answer.status).toBe(307)
      expect(answer.headers['location']).toBe('/new')
      expect(answer.headers).not.toHaveProperty('refresh')
    }
  })

  it.each([301, 302, 303, 307, 308])('has the status %i when asked for [2.31][3.16]', async (statusCode) => {
    const { app } = createApp({ destination: '/new', statusCode }, { fn })

    const { status, headers } = await request(app).get('/old')

    expect(status).toBe(statusCode)
    expect('refresh' in headers).toBe(statusCode === 308)
  })

  it('has the destination as its body [2.32][3.16]', async () => {
    const { app } = createApp({ destination: '/new?a=1', permanent: false }, { fn })

    const { text, headers } = await request(app).get('/old')

    expect(text).toBe('/new?a=1')
    expect(headers['content-type']).toBe('text/plain; charset=utf-8')
  })

  it.each([
    ['/new', {}, '/shop/new'],
    ['/new', { basePath: false }, '/new'],
    ['https://example.com/a//b', {}, 'https://example.com/a/b'],
    ['http://example.com', {}, 'http://example.com'],
    ['/a//b?c=//d', {}, '/shop/a/b?c=//d'],
    ['//example.com/x', { basePath: false }, '/example.com/x'],
    ['/\\example.com', { basePath: false }, '/example.com'],
    ['/é☃', {}, '/shop/%C3%A9%E2%98%83'],
  ])('to %s %o leads below the mount to %s [2.33][3.16]', async (destination, more, location) => {
    const { app } = createApp({ destination, permanent: false, ...more }, { fn, mount: '/shop' })

    const { headers } = await request(app).get('/shop/old').redirects(0)

    expect(headers['location']).toBe(location)
  })

  it.each([
    [{ destination: '/', permanent: true, statusCode: 301 }, /can not both be provided/],
    [{ destination: '/', permanent: 'yes' }, /`permanent` must be `true` or `false`/],
    [{ destination: '/', statusCode: 200 }, /`statusCode` must be one of 301, 302, 303, 307, 308/],
    [{ permanent: false }, /`destination` should be string/],
    [{ destination: 5, permanent: false }, /`destination` should be string/],
    [{ destination: '/', permanent: false, basePath: 'no' }, /`basePath` should be `false`/],
    [{ destination: 'javascript:alert(1)' }, /must be a path on this site/],
    [{ destination: '/a\r\nSet-Cookie: b=1' }, /must be a path on this site/],
    [{ destination: '' }, /must be a path on this site/],
    ['/new', /not an object/],
  ])('that is %o is a 500 that says what is wrong [2.34][3.16]', async (redirect, problem) => {
    const { app, errors } = createApp(redirect, { fn })

    await request(app).get('/old').expect(500)

    expect(String(errors[0])).toContain(`Invalid redirect object returned from \`${fn}\` for \`/old\``)
    expect(String(errors[0])).toMatch(problem)
  })

  it('is 200 in data, with where to go and whether the mount counts [2.35][3.16]', async () => {
    const read = async (redirect: object) =>
      (
        await request(createApp(redirect, { fn, mount: '/shop' }).app)
          .get('/shop/_data/old.json')
          .expect(200)
      ).body

    expect(await read({ destination: '/new', permanent: true })).toEqual({
      redirect: { destination: '/new', status: 308 },
    })
    expect(await read({ destination: '/new', statusCode: 302, basePath: false })).toEqual({
      redirect: { destination: '/new', status: 302, basePath: false },
    })
  })
})

describe('a redirect of a static page', () => {
  it('is kept like the page would be, one run for all', async () => {
    let calls = 0
    const { app } = createTestApp({
      pages: {
        '/old': {
          default: blank,
          getStaticProps: () => (
            calls++,
            { redirect: { destination: '/new', permanent: true }, revalidate: 5 }
          ),
        },
      },
    })

    await request(app).get('/old').expect(308)
    const { headers } = await request(app).get('/old').expect(308)

    expect(calls).toBe(1)
    expect(headers['cache-status']).toBe('pagepress; hit')
    expect(headers['cache-control']).toMatch(/^s-maxage=[45], stale-while-revalidate=/)
  })

  it('together with notFound is an error that names the page [3.10]', async () => {
    const { app, errors } = createTestApp({
      pages: {
        '/old': {
          default: blank,
          getStaticProps: () => ({ notFound: true, redirect: { destination: '/new', permanent: true } }),
        },
      },
      options: { dev: true },
    })

    await request(app).get('/old').expect(500)

    expect(String(errors[0])).toMatch(/pages\/old\.tsx.*both `notFound` and `redirect`.*cannot be combined/)
  })
})

it('a redirect of a server page is for one visitor', async () => {
  const { app } = createTestApp({
    pages: {
      '/old': {
        default: blank,
        getServerSideProps: ({ res }: GetServerSidePropsContext) => {
          res.setHeader('Set-Cookie', 'a=1')
          return { redirect: { destination: '/new', permanent: true } }
        },
      },
    },
  })

  const { headers } = await request(app).get('/old').expect(308)

  expect(headers['cache-control']).toContain('no-store')
  expect(headers['set-cookie']).toEqual(['a=1'])
})
