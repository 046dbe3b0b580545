import express from 'express'
import request from 'supertest'
import type { GetServerSidePropsContext } from 'pagepress'
import { createTestApp, type MemoryPages } from 'pagepress/testing'
import { useRouter } from 'pagepress/react'
import { failOnConsole } from '../support/console.js'
import { readPayload, readRoot } from '../support/page-data.js'

failOnConsole()

type Context = GetServerSidePropsContext

const DYN = 'private, no-cache, no-store, max-age=0, must-revalidate'

function Show(props: Record<string, unknown>) {
  return <p>{JSON.stringify(props)}</p>
}

/** A page at a route with this data function, and what `onError` heard. */
function createApp(getServerSideProps: (context: Context) => unknown, route = '/', pages: MemoryPages = {}) {
  return createTestApp({ pages: { [route]: { default: Show, getServerSideProps }, ...pages } })
}

/** The context that a request leads to, read while the function runs. */
async function contextOf<T>(
  url: string,
  { route, read }: { route: string; read: (context: Context) => T },
): Promise<T> {
  let seen: T | undefined
  const { app } = createApp((context) => {
    seen = read(context)
    return { props: {} }
  }, route)
  await request(app).get(url).expect(200)
  return seen as T
}

describe('the context of getServerSideProps', () => {
  it('has no params on a static path [2.01]', async () => {
    const keys = await contextOf('/something?a=1', { route: '/something', read: Object.keys })

    expect(keys.sort()).toEqual(['query', 'req', 'res', 'resolvedUrl', 'signal'])
  })

  it('has the route parameters in params, and all with them winning in query [1.22][2.02]', async () => {
    const read = ({ params, query }: Context) => ({ params, query })

    expect(await contextOf('/blog/post-1?post=zzz&b=2', { route: '/blog/[post]', read })).toEqual({
      params: { post: 'post-1' },
      query: { post: 'post-1', b: '2' },
    })
  })

  it('has repeated keys as arrays and empty ones as empty strings [1.23]', async () => {
    const read = ({ query }: Context) => ({ ...query })

    expect(await contextOf('/p?a=2&a=1', { route: '/p', read })).toEqual({ a: ['2', '1'] })
    expect(await contextOf('/p?hello', { route: '/p', read })).toEqual({ hello: '' })
  })

  it('has decoded values, and none for the root of an optional catch-all [1.17][1.19][1.20][2.10]', async () => {
    const read = ({ params }: Context) => params
    const route = '/c/[[...all]]'

    expect(await contextOf('/c', { route, read })).toEqual({})
    expect(await contextOf('/c/a', { route, read })).toEqual({ all: ['a'] })
    expect(await contextOf('/c/test1/te%2Fst2', { route, read })).toEqual({ all: ['test1', 'te/st2'] })
    expect(await contextOf('/c/test1%2F/test2', { route, read })).toEqual({ all: ['test1/', 'test2'] })
    expect(await contextOf('/post/hello%20world', { route: '/post/[x]', read })).toEqual({ x: 'hello world' })
    expect(await contextOf('/post/:42', { route: '/post/[x]', read })).toEqual({ x: ':42' })
  })

  it('has the URL without the data prefix as resolvedUrl [2.04][2.05]', async () => {
    const read = ({ resolvedUrl }: Context) => resolvedUrl

    expect(await contextOf('/something?another=thing', { route: '/something', read })).toBe(
      '/something?another=thing',
    )
    expect(await contextOf('/_data/blog/post-1.json?hello=world', { route: '/blog/[post]', read })).toBe(
      '/blog/post-1?hello=world',
    )
  })

  it('shows the data URL in req.url, and the clean one to the page [2.07]', async () => {
    const urls: unknown[] = []
    const asPaths: string[] = []
    function Page() {
      asPaths.push(useRouter().asPath)
      return null
    }
    const getServerSideProps = ({ req }: Context) => {
      urls.push(req.url)
      return { props: {} }
    }
    const { app } = createTestApp({ pages: { '/a': { default: Page, getServerSideProps } } })

    await request(app).get('/_data/a.json?b=1')
    await request(app).get('/a?b=1')

    expect(urls).toEqual(['/_data/a.json?b=1', '/a?b=1'])
    expect(asPaths).toEqual(['/a?b=1'])
  })

  it('has cookies, parsed when read, and never breaks those of a cookie parser [2.03]', async () => {
    const read = ({ req }: Context) => ({ ...req.cookies })
    const { app } = createApp((context) => ({ props: { cookies: read(context) } }))
    const cookiesOf = async (header?: string) => {
      const asked = request(app).get('/_data/index.json')
      const { body } = await (header === undefined ? asked : asked.set('Cookie', header))
      return (body as { pageProps: { cookies: unknown } }).pageProps.cookies
    }

    expect(await cookiesOf()).toEqual({})
    expect(await cookiesOf('a=1; b=%20x')).toEqual({ a: '1', b: ' x' })

    const parsed = createTestApp({
      pages: { '/': { default: Show, getServerSideProps: (context: Context) => ({ props: read(context) }) } },
      before: (app) => app.use((req, _res, next) => ((req.cookies = { from: 'parser' }), next())),
    })
    const { body } = await request(parsed.app).get('/_data/index.json').set('Cookie', 'a=1')
    expect(body).toEqual({ pageProps: { from: 'parser' } })
  })

  it('has no preview keys outside of draft mode [2.08]', async () => {
    const keys = await contextOf('/', { route: '/', read: Object.keys })

    expect(keys).not.toEqual(expect.arrayContaining(['draftMode']))
    expect(keys).not.toEqual(expect.arrayContaining(['preview']))
    expect(keys).not.toEqual(expect.arrayContaining(['previewData']))
  })
})

describe('the result of getServerSideProps', () => {
  it.each([undefined, null, 'text'])('%p is an error that asks for an object [2.11]', async (result) => {
    const { app, errors } = createApp(() => result)

    await request(app).get('/').expect(500)

    expect(String(errors[0])).toMatch(/getServerSideProps.*pages\/index\.tsx.*did not return an object/)
    expect(String(errors[0])).toContain('forget a `return`')
  })

  it('with an unknown key is an error that names it [2.12]', async () => {
    const { app, errors } = createApp(() => ({ world: 'x', props: {} }))

    await request(app).get('/').expect(500)

    expect(String(errors[0])).toMatch(/Additional keys were returned/i)
    expect(String(errors[0])).toMatch(/`world`.*`props`, `redirect`, `notFound`.*under `props`/)
  })

  it.each(['notFound', 'redirect'])('unstable_%s is to be renamed [2.13]', async (name) => {
    const { app, errors } = createApp(() => ({ [`unstable_${name}`]: true }))

    await request(app).get('/').expect(500)

    expect(String(errors[0])).toContain(`\`unstable_${name}\`. Rename it to \`${name}\``)
  })

  it('notFound is the 404 page in HTML and exactly {"notFound":true} in data [2.14]', async () => {
    const { app } = createApp(
      ({ query }) => ({ notFound: query['gone'] === '1', props: { here: true } }),
      '/',
      {
        '/404': { default: () => <h1>Lost</h1> },
      },
    )

    const html = await request(app).get('/?gone=1').expect(404)
    const data = await request(app).get('/_data/index.json?gone=1').expect(404)
    const here = await request(app).get('/?gone=0').expect(200)

    expect(readRoot(html.text)).toBe('<h1>Lost</h1>')
    expect(data.text).toBe('{"notFound":true}')
    expect(data.headers['content-type']).toBe('application/json; charset=utf-8')
    expect(readPayload(here.text).props.pageProps).toEqual({ here: true })
  })

  it('may hold a promise of props; a rejected one is a 500 [2.15]', async () => {
    const { app, errors } = createApp(({ query }) => ({
      props: query['bad'] ? Promise.reject(new Error('late')) : Promise.resolve({ late: true }),
    }))

    expect(readPayload((await request(app).get('/').expect(200)).text).props.pageProps).toEqual({
      late: true,
    })
    await request(app).get('/?bad=1').expect(500)
    expect(errors).toEqual([new Error('late')])
  })

  it('is not checked for what JSON cannot carry in production: HTML shows it, data follows JSON.stringify', async () => {
    const Page = ({ when }: { when: Date }) => <p>{when.getTime()}</p>
    const getServerSideProps = () => ({ props: { when: new Date(0), nothing: undefined } })
    const { app } = createTestApp({ pages: { '/': { default: Page, getServerSideProps } } })

    expect(readRoot((await request(app).get('/').expect(200)).text)).toBe('<p>0</p>')
    expect((await request(app).get('/_data/index.json').expect(200)).text).toBe(
      '{"pageProps":{"when":"1970-01-01T00:00:00.000Z"}}',
    )
  })

  it.each([new Error('broken'), Object.assign(new Error('no file'), { code: 'ENOENT' })])(
    'is a 500 when it throws %p [2.20]',
    async (error) => {
      const { app, errors } = createApp(() => Promise.reject(error))

      const { text } = await request(app).get('/').expect(500)

      expect(errors).toEqual([error])
      expect(text).not.toContain(error.message)
    },
  )

  it.each([undefined, null, 'text', { statusCode: 404 }])(
    'is a 500 when it throws %p, and the server goes on [2.21]',
    async (thrown) => {
      const { app, errors } = createApp(({ query }) => {
        if (query['bad']) throw thrown
        return { props: {} }
      })

      await request(app).get('/?bad=1').expect(500)
      await request(app).get('/').expect(200)
      expect(errors).toEqual([thrown])
    },
  )
})

describe('the response of a server page', () => {
  it('may be kept by nobody, unless the page says otherwise [2.22]', async () => {
    const { app } = createApp(({ query, res }) => {
      if (query['cache']) res.setHeader('Cache-Control', 'public, max-age=3600')
      return { props: {} }
    })
    const cacheControl = async (url: string) => (await request(app).get(url)).headers['cache-control']

    expect(await cacheControl('/')).toBe(DYN)
    expect(await cacheControl('/_data/index.json')).toBe(DYN)
    expect(await cacheControl('/?cache=1')).toBe('public, max-age=3600')
    expect(await cacheControl('/_data/index.json?cache=1')).toBe('public, max-age=3600')
    expect((await request(app).get('/')).headers['cache-status']).toBe('pagepress; fwd=bypass')
  })

  it('has the status that the page set, with the page itself [2.23][6.18]', async () => {
    const { app } = createApp(({ res }) => {
      res.statusCode = 404
      return { props: { mine: true } }
    })

    const html = await request(app).get('/').expect(404)
    const data = await request(app).get('/_data/index.json').expect(404)

    expect(readPayload(html.text)).toMatchObject({ page: '/', props: { pageProps: { mine: true } } })
    expect(data.body).toEqual({ pageProps: { mine: true } })
  })

  it('is what the function sent, when it ends the response itself [2.24]', async () => {
    const { app, errors } = createApp(({ res }) => {
      res.end('hello from gssp')
      return {}
    })

    expect((await request(app).get('/').expect(200)).text).toBe('hello from gssp')
    expect(errors).toEqual([])
  })

  it('carries the cookies and the Content-Type that the page set [1.49][2.25]', async () => {
    const { app } = createApp(({ res }) => {
      res.setHeader('Set-Cookie', 'a=1')
      res.setHeader('Content-Type', 'application/xhtml+xml')
      return { props: {} }
    })

    const html = await request(app).get('/')
    const data = await request(app).get('/_data/index.json')

    expect(html.headers['set-cookie']).toEqual(['a=1'])
    expect(data.headers['set-cookie']).toEqual(['a=1'])
    expect(html.headers['content-type']).toBe('application/xhtml+xml')
    expect(data.headers['content-type']).toBe('application/json; charset=utf-8')
  })

  it('is made anew for every request', async () => {
    const { app } = createApp(() => ({ props: { random: Math.random() } }))

    const [one, two] = [
      await request(app).get('/_data/index.json'),
      await request(app).get('/_data/index.json'),
    ]

    expect(one.text).not.toBe(two.text)
  })

  it('may come from a POST, whose body nobody has read unless a parser did [2.28]', async () => {
    const getServerSideProps = async ({ req }: Context) => {
      const chunks: Buffer[] = []
      if (req.body === undefined) for await (const chunk of req) chunks.push(chunk as Buffer)
      const sent: unknown = req.body ?? Buffer.concat(chunks).toString()
      return { props: { method: req.method, sent } }
    }
    const pages = { '/': { default: Show, getServerSideProps } }
    const bare = createTestApp({ pages })
    const parsed = createTestApp({ pages, before: (app) => app.use(express.json()) })
    const post = async ({ app }: { app: typeof bare.app }) =>
      readPayload((await request(app).post('/').send({ a: 1 }).expect(200)).text).props.pageProps

    expect(await post(bare)).toEqual({ method: 'POST', sent: '{"a":1}' })
    expect(await post(parsed)).toEqual({ method: 'POST', sent: { a: 1 } })
  })

  it('asks the function once for HEAD, and never for what is another page [2.29]', async () => {
    let calls = 0
    const { app } = createApp(() => ({ props: { calls: ++calls } }))

    await request(app).head('/').expect(200)
    expect(calls).toBe(1)
    await request(app).get('/missing').expect(404)
    expect(calls).toBe(1)
  })
})

describe('a page that navigates while it renders', () => {
  it('fails with a message that says where the methods of the router belong [9.03]', async () => {
    const Navigating = () => {
      void useRouter().push('/elsewhere')
      return null
    }
    const { app, errors } = createTestApp({
      pages: { '/': { default: Navigating, getServerSideProps: () => ({ props: {} }) } },
    })
    await request(app).get('/').expect(500)
    expect(errors.map(String)).toEqual([expect.stringMatching(/No router instance.*in an effect/s)])
  })
})
