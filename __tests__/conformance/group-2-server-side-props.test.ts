import request from 'supertest'
import { useConformanceSite } from '../support/conformance-site.js'
import { readPayload, readRoot } from '../support/page-data.js'

const DYN = 'private, no-cache, no-store, max-age=0, must-revalidate'

const site = useConformanceSite('server-props')

/** The props of a page, as its document has them. */
const propsOf = async (path: string) => (await site.page(path)).payload.props.pageProps
const textOf = (html: string) => readRoot(html).replaceAll('&quot;', '"')

describe.each(['express', 'express4'] as const)('on %s', (express) => {
  beforeAll(() => site.restart({ express, mount: '/shop' }))

  describe('the context of getServerSideProps', () => {
    it('has req, res, query and resolvedUrl, and no params on a static path [2.01][2.04][2.08]', async () => {
      expect(await propsOf('/context?another=thing')).toMatchObject({
        // `signal` is one more than people know. There are no keys of draft mode for visitors outside of it.
        keys: ['query', 'req', 'res', 'resolvedUrl', 'signal'],
        query: { another: 'thing' },
        params: null,
        resolvedUrl: '/context?another=thing',
      })
      expect(site.calls('context')).toEqual(['/context?another=thing'])
    })

    it('has the route parameters in params, and all with them winning in query [2.02]', async () => {
      expect(await propsOf('/blog/post-1?post=zzz&b=2')).toMatchObject({
        params: { post: 'post-1' },
        query: { post: 'post-1', b: '2' },
      })
    })

    it('has the decoded values of a catch-all, and none at its root [2.10]', async () => {
      expect(await propsOf('/docs')).toMatchObject({ params: {}, query: {} })
      expect(await propsOf('/docs/a%20b/te%2Fst')).toMatchObject({ params: { path: ['a b', 'te/st'] } })
    })

    it('has cookies, none without the header, and those of a cookie parser as they are [2.03]', async () => {
      const cookiesOf = async (path: string, header?: string) => {
        const { text } = await site.get(path).set(header === undefined ? {} : { Cookie: header })
        return readPayload(text).props.pageProps['cookies']
      }

      expect(await cookiesOf('/context')).toEqual({})
      expect(await cookiesOf('/context', 'a=1; b=%20x')).toEqual({ a: '1', b: ' x' })
      // Only the parser makes an object of this.
      expect(await cookiesOf('/parsed/context', 'a=j%3A%7B%22b%22%3A1%7D')).toEqual({ a: { b: 1 } })
    })

    it('has the page’s URL as resolvedUrl for a data request, and the data’s as req.url [2.05][2.07]', async () => {
      const { body } = await site.get('/_data/blog/post-1.json?hello=world').expect(200)

      expect(body.pageProps).toMatchObject({
        resolvedUrl: '/blog/post-1?hello=world',
        query: { post: 'post-1', hello: 'world' },
        url: '/_data/blog/post-1.json?hello=world',
      })
      const { text } = await site.get('/blog/post-1?hello=world').expect(200)
      expect(JSON.parse(textOf(text).replace(/<\/?p>/g, ''))).toMatchObject({
        pathname: '/blog/[post]',
        asPath: '/blog/post-1?hello=world',
      })
    })

    it('has where a rewritten URL leads as resolvedUrl; the page shows the visitor’s [2.06]', async () => {
      const { answer, payload } = await site.page('/blog-post-1?x=1')

      expect(payload.props.pageProps).toMatchObject({
        resolvedUrl: '/blog/post-1?x=1',
        query: { post: 'post-1', x: '1' },
      })
      expect(textOf(answer.text)).toContain('"asPath":"/blog-post-1?x=1"')
    })
  })

  describe('the result of getServerSideProps', () => {
    it.each(['undefined', 'null', 'text'])('%s is a 500 that asks for an object [2.11]', async (shape) => {
      await site.get(`/result/${shape}`).expect(500)

      const [error] = site.takeErrors()
      expect(error).toMatch(/getServerSideProps.*pages\/result\/\[shape\]\.jsx.*did not return an object/)
      expect(error).toContain('forget a `return`')
    })

    it('with unknown keys is a 500 that lists them [2.12]', async () => {
      await site.get('/result/unknown-keys').expect(500)

      const [error] = site.takeErrors()
      expect(error).toMatch(/additional keys were returned/i)
      expect(error).toMatch(/`world`.*`hello`.*`props`, `redirect`, `notFound`.*under `props`/)
    })

    it.each([
      ['unstable-not-found', 'unstable_notFound', 'notFound'],
      ['unstable-redirect', 'unstable_redirect', 'redirect'],
    ])('of the shape %s is a 500 that tells the new name [2.13]', async (shape, old, name) => {
      await site.get(`/result/${shape}`).expect(500)

      expect(site.takeErrors()[0]).toContain(`\`${old}\`. Rename it to \`${name}\``)
    })

    it('notFound is the 404 page, and exactly {"notFound":true} in data; false is nothing [2.14]', async () => {
      const { text } = await site.get('/result/not-found').expect(404)
      const data = await site.get('/_data/result/not-found.json').expect(404)

      expect(readRoot(text)).toBe('<h1>Lost</h1>')
      expect(data.text).toBe('{"notFound":true}')
      expect(data.headers['content-type']).toBe('application/json; charset=utf-8')
      expect(await propsOf('/result/found')).toEqual({ found: true })
    })

    it('may hold a promise of props, and is a 500 when it is rejected [2.15]', async () => {
      expect(await propsOf('/result/promise')).toEqual({ awaited: true })
      await site.get('/result/rejected').expect(500)
      await site.get('/_data/result/rejected.json').expect(500)
      expect(site.takeErrors()).toEqual(['Error: late', 'Error: late'])
    })

    it('wins over the pageProps of _app, whose other keys stay beside them; url is a prop like any [2.18][2.19]', async () => {
      const { answer, payload } = await site.page('/merged')

      const props = { pageProps: { both: 'page', page: true, app: true, url: 'mine' }, beside: 'them' }
      expect(payload.props).toEqual(props)
      expect(readRoot(answer.text)).toBe('<p>mine</p>')
      await site.get('/_data/merged.json').expect(200, props)
    })

    it.each([
      ['error', 'Error: secret'],
      ['no-entry', 'Error: secret file'],
    ])('is a 500 with nothing of the error when it throws: %s [2.20]', async (what, error) => {
      const { text } = await site.get(`/throws/${what}`).expect(500)
      const data = await site.get(`/_data/throws/${what}.json`).expect(500)

      expect(text).toContain('<h1>Failed')
      expect(text + data.text).not.toContain('secret')
      expect(site.takeErrors()).toEqual([error, error])
    })

    it.each(['undefined', 'null', 'text'])(
      'is a 500 when it throws %s, and the server goes on [2.21]',
      async (what) => {
        const { text } = await site.get(`/throws/${what}`).expect(500)

        expect(text).not.toContain('secret')
        expect(site.takeErrors()).toHaveLength(1)
        await site.get('/context').expect(200)
      },
    )
  })

  describe('the response of a server page', () => {
    it('may be kept by nobody, unless the page says otherwise, in HTML and in data [2.22]', async () => {
      for (const path of ['/context', '/_data/context.json'])
        expect((await site.get(path).expect(200)).headers['cache-control']).toBe(DYN)
      for (const path of ['/respond/cached', '/_data/respond/cached.json'])
        expect((await site.get(path).expect(200)).headers['cache-control']).toBe('public, max-age=3600')
    })

    it('has the status that the page set, with the page itself [2.23]', async () => {
      const { text } = await site.get('/respond/missing').expect(404)

      expect(readRoot(text)).toBe('<p>missing</p>')
      expect(site.calls('render')).toEqual(['missing'])
    })

    it.each(['ended', 'ended?returns=nothing', 'begun', 'begun?returns=nothing'])(
      'is what the function sends itself (%s), and nothing is rendered [2.24]',
      async (how) => {
        const { text } = await site.get(`/respond/${how}`).buffer().expect(200)

        expect(text).toBe('hello from gssp')
        expect(site.calls('render')).toEqual([])
      },
    )

    it('carries the cookies of the page, in HTML and in data [2.25]', async () => {
      for (const path of ['/respond/cookies', '/_data/respond/cookies.json'])
        expect((await site.get(path).expect(200)).headers['set-cookie']).toEqual(['a=1', 'b=2; HttpOnly'])
    })

    it('is made anew for every request [2.26]', async () => {
      const seen = new Set([(await propsOf('/context'))['random'], (await propsOf('/context'))['random']])
      for (let time = 0; time < 2; time += 1)
        seen.add((await site.get('/_data/context.json')).body.pageProps.random)

      expect(seen.size).toBe(4)
      expect(site.calls('context')).toHaveLength(4)
    })

    it('may come from a POST, whose body nobody has read unless a parser did [2.28]', async () => {
      const posted = async (path: string) =>
        readPayload((await site.post(path).send({ a: 1 }).expect(200)).text).props.pageProps

      expect(await posted('/upload')).toEqual({ method: 'POST', body: '{"a":1}' })
      expect(await posted('/parsed/upload')).toEqual({ method: 'POST', body: { a: 1 } })
    })

    it('asks the function once for HEAD, and never for a file or for what is missing [2.29]', async () => {
      const { headers } = await site.head('/docs/page').expect(200)
      expect(headers['content-type']).toBe('text/html; charset=utf-8')
      expect(site.calls('context')).toEqual(['/docs/page'])

      await site.get('/docs/file.txt').expect(200, 'a file')
      await site.get('/missing').expect(404)
      expect(site.calls('context')).toHaveLength(1)
    })
  })

  describe('a redirect of getServerSideProps', () => {
    it('is 308 with Refresh when permanent, and 307 without otherwise [2.30]', async () => {
      const permanent = await site.get('/redirect/permanent').expect(308)
      expect(permanent.headers).toMatchObject({
        location: '/shop/new?a=1',
        refresh: '0;url=/shop/new?a=1',
      })
      for (const name of ['temporary', 'untold']) {
        const { headers } = await site.get(`/redirect/${name}`).expect(307)
        expect(headers['location']).toBe('/shop/new?a=1')
        expect(headers).not.toHaveProperty('refresh')
      }
    })

    it.each([301, 302, 303, 307, 308])('has the status %i when asked for [2.31]', async (status) => {
      const { headers } = await site.get(`/redirect/${status}`).expect(status)

      expect(headers['location']).toBe('/shop/new')
      expect('refresh' in headers).toBe(status === 308)
    })

    it('has the destination as its body [2.32]', async () => {
      await site.get('/redirect/temporary').expect(307, '/shop/new?a=1')
      await site.get('/redirect/elsewhere').expect(307, 'https://example.com/a')
    })

    it.each([
      ['temporary', '/shop/new?a=1'],
      ['outside-mount', '/new'],
      ['elsewhere', 'https://example.com/a'],
      ['slashes', '/shop/a/b'],
      ['slashes-elsewhere', 'https://example.com/a/b'],
    ])('that is %s leads below the mount to %s [2.33]', async (name, location) => {
      expect((await site.get(`/redirect/${name}`)).headers['location']).toBe(location)
    })

    it.each([
      ['both', /can not both be provided/],
      ['text-permanent', /`permanent` must be `true` or `false`/],
      ['status-200', /`statusCode` must be one of 301, 302, 303, 307, 308/],
      ['nowhere', /`destination` should be string/],
      ['number-destination', /`destination` should be string/],
      ['text-base-path', /`basePath` should be `false`/],
    ])('that is wrong (%s) is a 500 that says what is [2.34]', async (name, problem) => {
      await site.get(`/redirect/${name}`).expect(500)

      const [error] = site.takeErrors()
      expect(error).toContain(
        `Invalid redirect object returned from \`getServerSideProps\` for \`/redirect/${name}\``,
      )
      expect(error).toMatch(problem)
    })

    it('is 200 in data, with where to go and whether the mount counts [2.35]', async () => {
      const read = async (name: string) => (await site.get(`/_data/redirect/${name}.json`).expect(200)).body

      expect(await read('permanent')).toEqual({ redirect: { destination: '/new?a=1', status: 308 } })
      expect(await read('302')).toEqual({ redirect: { destination: '/new', status: 302 } })
      expect(await read('outside-mount')).toEqual({
        redirect: { destination: '/new', status: 307, basePath: false },
      })
    })
  })

  it('getServerSideProps may be re-exported by name, as `default` may [2.39]', async () => {
    // `pages/parsed/upload` consists of re-exports from another page, `pages/context` of those from other modules.
    const { text } = await site.post('/parsed/upload').send({ a: 1 }).expect(200)

    expect(textOf(text)).toBe('<p>{"method":"POST","body":{"a":1}}</p>')
    await site.get('/context').expect(200)
    expect(site.calls('context')).toEqual(['/context'])
  })

  it('pages/_error with getServerSideProps is made for each error [2.40]', async () => {
    const pages = [await site.get('/throws/error').expect(500), await site.get('/throws/error').expect(500)]

    expect(pages[0]!.text).not.toBe(pages[1]!.text)
    expect(site.calls('error page')).toEqual([
      [500, '/throws/error'],
      [500, '/throws/error'],
    ])
    site.takeErrors()
  })

  it('the pages are nowhere but below their mount', async () => {
    await request(site.url()).get('/context').expect(404)
    expect(site.calls('context')).toEqual([])
  })
})
