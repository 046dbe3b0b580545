import { setTimeout as pause } from 'node:timers/promises'
import { useConformanceSite } from '../support/conformance-site.js'
import { readRoot } from '../support/page-data.js'

const HIT = 'pagepress; hit'
const MISS = 'pagepress; fwd=uri-miss; stored'
const YEAR = 31_536_000

const site = useConformanceSite('static-props', { mount: '/shop' })

const propsOf = async (path: string) => (await site.page(path)).payload.props.pageProps
const routerOf = (html: string) =>
  JSON.parse(
    readRoot(html)
      .replace(/<\/?p>/g, '')
      .replaceAll('&quot;', '"'),
  ) as unknown

describe('the context of getStaticProps', () => {
  it('has no params on a static path, and never the request [3.01]', async () => {
    expect(await propsOf('/something')).toMatchObject({ keys: ['revalidateReason'] })
  })

  it('has decoded params on a dynamic one, in the build and in the server [3.01]', async () => {
    const context = (slug: string[]) => ({ keys: ['params', 'revalidateReason'], params: { slug } })

    expect(await propsOf('/post/a%20b/c%2Fd')).toMatchObject(context(['a b', 'c/d']))
    expect(site.calls('post')).toEqual([])
    expect(await propsOf('/post/e%20f/g%2Fh')).toMatchObject(context(['e f', 'g/h']))
    expect(site.calls('post')).toHaveLength(1)
  })

  it('says why it is called: for the build, for a visitor, on demand [3.03]', async () => {
    // In whatever order: the build makes several pages at a time.
    const ofBuild = site.builtWith('post')
    expect(ofBuild).toHaveLength(2)
    expect(ofBuild).toContainEqual([['one'], 'build'])
    expect(ofBuild).toContainEqual([['a b', 'c/d'], 'build'])

    await site.get('/post/new').expect(200)
    await site.get('/api/revalidate?path=/post/new').expect(200)
    await site.get('/api/revalidate?path=/post/one').expect(200)
    expect(site.calls('post')).toEqual([
      [['new'], 'stale'],
      [['new'], 'on-demand'],
      [['one'], 'on-demand'],
    ])
  })
})

describe('a page with getStaticProps', () => {
  it('is made by the build and never again without revalidate [3.04]', async () => {
    expect(site.builtWith('something')).toEqual(['build'])
    const first = await site.get('/something').expect(200)
    for (let time = 0; time < 5; time += 1) expect((await site.get('/something')).text).toBe(first.text)

    expect(first.headers).toMatchObject({ 'cache-status': HIT, 'cache-control': `s-maxage=${YEAR}` })
    expect(site.calls('something')).toEqual([])
  })

  it('has no search in its HTML, which is the same for all, as its data is [3.06][3.07]', async () => {
    const plain = await site.get('/something')
    const asked = await site.get('/something?hello=world')

    expect(routerOf(asked.text)).toEqual({ pathname: '/something', asPath: '/something', query: {} })
    expect(asked.text).toBe(plain.text)
    const data = await site.get('/_data/something.json')
    const askedData = await site.get('/_data/something.json?hello=world')
    expect(askedData.text).toBe(data.text)
    expect(data.body).toEqual({ pageProps: await propsOf('/something') })
    expect(site.calls('something')).toEqual([])
  })

  it.each([
    ['true', `s-maxage=1, stale-while-revalidate=${YEAR - 1}`],
    ['false', `s-maxage=${YEAR}`],
    ['absent', `s-maxage=${YEAR}`],
  ])('with revalidate %s may be kept for %s [3.12]', async (name, cacheControl) => {
    expect((await site.get(`/lifetime/${name}`)).headers['cache-control']).toBe(cacheControl)
  })

  it('may say more than a year, which the build warns of [3.13]', async () => {
    await site.get('/lifetime/more-than-a-year').expect(200)

    expect(site.built.code).toBe(0)
    expect(site.built.output).toMatch(
      /pages\/lifetime\/\[name\]\.jsx.*`revalidate: 31536001` for `\/lifetime\/more-than-a-year`.*more than a year/,
    )
  })

  it('that the build did not find is a 404 without another call [3.14]', async () => {
    expect(site.builtWith('gone')).toHaveLength(1)
    for (const path of ['/gone', '/gone?again=1'])
      expect(readRoot((await site.get(path).expect(404)).text)).toBe('<h1>Lost</h1>')
    await site.get('/_data/gone.json').expect(404, '{"notFound":true}')
    expect(site.calls('gone')).toEqual([])
  })

  it('that was not found is there when its data is, after its period [3.14]', async () => {
    await site.get('/appears').expect(404)
    await site.get('/api/appear').expect(200)

    let answer = await site.get('/appears')
    for (let tries = 0; answer.status === 404 && tries < 100; tries += 1) {
      await pause(50)
      answer = await site.get('/appears')
    }
    expect([answer.status, readRoot(answer.text)]).toEqual([200, '<p>here</p>'])
  })

  it('is a 500 when it fails for its first visitor, and a page for the next [3.19]', async () => {
    const { headers } = await site.get('/flaky/a').expect(500)
    expect(site.takeErrors()).toEqual(['Error: not yet'])
    expect(headers['cache-control']).toContain('no-store')

    const { headers: next } = await site.get('/flaky/a').expect(200)
    expect(next['cache-status']).toBe(MISS)
    expect(site.calls('flaky')).toEqual(['a', 'a'])
  })

  it('may show an object twice, all that JSON knows, and NaN, which is null in data [3.24][3.26][3.27]', async () => {
    const { text } = await site.get('/json').expect(200)
    const { body } = await site.get('/_data/json.json').expect(200)

    expect(readRoot(text)).toBe('<p>NaN,Infinity</p>')
    const shared = { shared: true }
    expect(body.pageProps).toEqual({
      siblings: [shared, shared, { again: shared }],
      bare: { own: 1 },
      foreign: { list: [1, { deep: null }] },
      plain: ['', 'text', 0, -1.5, true, false, null, [], {}],
      numbers: [null, null],
    })
  })

  it('with large props is reported once, with its path and size [3.28]', async () => {
    await site.get('/large/a').expect(200)
    const first = await site.printed(/kB/)
    expect(first).toMatch(/page `\/large\/\[id\]` \(path "\/large\/a"\) are 140 kB of JSON, more than 128 kB/)

    await site.get('/large/b').expect(200)
    await site.get('/api/revalidate?path=/large/a').expect(200)
    expect((await site.printed(/kB/)).match(/kB of JSON/g)).toHaveLength(1)
  })

  it('is made with what _app gives, and wins over it; it has its own layout, and a prop named url [3.30][3.31][2.19]', async () => {
    const first = await site.page('/merged')
    const second = await site.page('/merged')

    expect(first.payload.props.pageProps).toMatchObject({ both: 'page', page: true, app: true, url: 'mine' })
    expect(readRoot(first.answer.text)).toBe('<section><p>mine</p></section>')
    // Made by the build: what is random in it stays.
    expect(first.answer.headers['cache-status']).toBe(HIT)
    expect(second.payload).toEqual(first.payload)
  })
})

describe('a redirect of getStaticProps', () => {
  it.each([
    ['permanent', 308, '/shop/new?a=1', '0;url=/shop/new?a=1'],
    ['temporary', 307, '/shop/new?a=1', undefined],
    ['untold', 307, '/shop/new?a=1', undefined],
    ['301', 301, '/shop/new', undefined],
    ['302', 302, '/shop/new', undefined],
    ['303', 303, '/shop/new', undefined],
    ['307', 307, '/shop/new', undefined],
    ['308', 308, '/shop/new', '0;url=/shop/new'],
    ['outside-mount', 307, '/new', undefined],
    ['elsewhere', 307, 'https://example.com/a', undefined],
    ['slashes', 307, '/shop/a/b', undefined],
    ['slashes-elsewhere', 307, 'https://example.com/a/b', undefined],
  ])('that is %s is %i to %s, for all visitors from one call [3.16]', async (name, status, to, refresh) => {
    for (const cacheStatus of [MISS, HIT]) {
      const { headers } = await site.get(`/redirect/${name}`).expect(status, to)
      expect(headers['location']).toBe(to)
      expect(headers['refresh']).toBe(refresh)
      expect(headers['cache-status']).toBe(cacheStatus)
    }
    expect(site.calls('redirect')).toEqual([name])
  })

  it.each([
    ['both', /can not both be provided/],
    ['text-permanent', /`permanent` must be `true` or `false`/],
    ['status-200', /`statusCode` must be one of 301, 302, 303, 307, 308/],
    ['nowhere', /`destination` should be string/],
    ['text-base-path', /`basePath` should be `false`/],
  ])('that is wrong (%s) is a 500 that says what is [3.16]', async (name, problem) => {
    await site.get(`/redirect/${name}`).expect(500)

    const [error] = site.takeErrors()
    expect(error).toContain(`from \`getStaticProps\` for \`/redirect/${name}\``)
    expect(error).toMatch(problem)
  })

  it('is 200 in data, with where to go and whether the mount counts [3.16]', async () => {
    const read = async (name: string) => (await site.get(`/_data/redirect/${name}.json`).expect(200)).body

    expect(await read('permanent')).toEqual({ redirect: { destination: '/new?a=1', status: 308 } })
    expect(await read('outside-mount')).toEqual({
      redirect: { destination: '/new', status: 307, basePath: false },
    })
  })
})
