import { once } from 'node:events'
import { connect } from 'node:net'
import { useConformanceSite } from '../support/conformance-site.js'
import { createControls } from '../support/controls.js'
import { readRoot } from '../support/page-data.js'

const OWN_404 = { fallthrough: false }
const site = useConformanceSite('caching', { options: OWN_404 })
const { write, advance, held, release, settled } = createControls(site)

const YEAR = 31_536_000
const DYN = 'private, no-cache, no-store, max-age=0, must-revalidate'
const MISS = 'pagepress; fwd=uri-miss; stored'
const HIT = 'pagepress; hit'

const cacheStatusOf = async (path: string) => (await site.get(path)).headers['cache-status']
const cacheControlOf = async (path: string) => (await site.get(path)).headers['cache-control']
const randomOf = async (path: string) => (await site.page(path)).payload.props.pageProps['random']

describe('the headers of a static page', () => {
  it('say how long it is fresh, and how long it may be served after that [7.01]', async () => {
    await write('isr', { revalidate: 2 })
    await write('short-lived', { revalidate: 10, expire: 10 })

    expect(await cacheControlOf('/p/isr')).toBe('s-maxage=2, stale-while-revalidate=31535998')
    expect(await cacheControlOf('/p/short-lived')).toBe('s-maxage=10')
  })

  it('give a page that is never due a year, in shared caches alone [7.02]', async () => {
    for (const path of ['/for-ever', '/_data/for-ever.json', '/plain'])
      expect(await cacheControlOf(path)).toBe(`s-maxage=${YEAR}`)
  })

  it('tell of a miss, a hit and a stale page, of data too; those of a server page of none [7.03]', async () => {
    await write('states', { revalidate: 2 })
    expect(await cacheStatusOf('/p/states')).toBe(MISS)
    expect(await cacheStatusOf('/p/states')).toBe(HIT)
    expect(await cacheStatusOf('/_data/p/states.json')).toBe(HIT)
    await advance(2_000)
    expect(await cacheStatusOf('/_data/p/states.json')).toBe('pagepress; hit; ttl=-1')
    await settled()
    expect(await cacheStatusOf('/p/states')).toBe(HIT)
    for (const path of ['/server', '/_data/server.json'])
      expect(await cacheStatusOf(path)).toBe('pagepress; fwd=bypass')
  })

  it('are those of no cache in preview [7.04]', async () => {
    const cookies = (await site.get('/api/draft')).get('Set-Cookie')!.map((cookie) => cookie.split(';')[0])
    await site.get('/for-ever').expect('Cache-Status', HIT)

    for (const path of ['/for-ever', '/_data/for-ever.json'])
      await site
        .get(path)
        .set('Cookie', cookies.join('; '))
        .expect(200)
        .expect('Cache-Control', DYN)
        .expect('Cache-Status', 'pagepress; fwd=bypass')
  })

  it('are those of no cache on error pages, also of a page that would be kept [7.05]', async () => {
    await write('failing', { throws: 'source down' })
    for (const [path, status] of [
      ['/p/failing', 500],
      ['/broken', 500],
      ['/missing', 404],
      ['/listed/b', 404],
    ] as const) {
      const { headers } = await site.get(path).expect(status)
      expect(headers['cache-control']).toBe(DYN)
      expect(headers).not.toHaveProperty('cache-status')
    }
    expect(site.takeErrors()).toEqual(['Error: source down', 'Error: out of order'])
  })

  it('have a validator, which is 304 for a stale page, too [7.20]', async () => {
    await write('etag', { revalidate: 2 })
    const { etag } = (await site.get('/p/etag')).headers
    expect((await site.get('/p/etag')).headers['etag']).toBe(etag)
    const ask = () => site.get('/p/etag').set('If-None-Match', etag!).expect(304)

    const fresh = await ask()
    expect([fresh.text, fresh.headers['cache-status']]).toEqual(['', HIT])
    expect(fresh.headers['cache-control']).toBe(`s-maxage=2, stale-while-revalidate=${YEAR - 2}`)
    await advance(2_000)
    const stale = await ask()
    expect([stale.text, stale.headers['cache-status']]).toEqual(['', 'pagepress; hit; ttl=-1'])
    expect(stale.headers['cache-control']).toMatch(/^s-maxage=1, stale-while-revalidate=\d+$/)
    await settled()
  })
})

describe('a page with revalidate', () => {
  it('from the build is the same until it is due, then once more, then new [7.06]', async () => {
    expect(site.builtWith('home')).toEqual(['build'])
    // How long ago the build was depends on the machine: from here on it is known.
    await advance(2_000)
    await site.get('/')
    await settled()
    expect(site.calls('home')).toEqual(['stale'])

    const first = await site.get('/')
    await advance(1_999)
    expect((await site.get('/')).text).toBe(first.text)
    expect(site.calls('home')).toEqual(['stale'])
    await advance(1)
    expect((await site.get('/')).text).toBe(first.text)
    await settled()
    expect((await site.get('/')).text).not.toBe(first.text)
    expect(site.calls('home')).toEqual(['stale', 'stale'])
  })

  it('is served at once while it is refreshed, which one request causes for all [7.07][7.09]', async () => {
    await write('slow', { revalidate: 1 }, { held: true })
    const first = await site.get('/p/slow')
    await advance(1_000)

    const crowd = await Promise.all(Array.from({ length: 50 }, () => site.get('/p/slow')))
    await held('slow')
    // All have been answered, and the data function has not.
    for (const { status, text } of [...crowd, await site.get('/p/slow')])
      expect([status, text]).toEqual([200, first.text])
    expect(site.calls('slow')).toHaveLength(2)

    await release('slow')
    await settled()
    expect((await site.get('/p/slow')).text).not.toBe(first.text)
    expect(site.calls('slow')).toHaveLength(2)
  })

  it('is refreshed as HTML and JSON together, whichever is asked for [7.08]', async () => {
    await write('both', { revalidate: 1 })
    let before = await randomOf('/p/both')
    for (const path of ['/p/both', '/_data/p/both.json']) {
      await advance(1_000)
      await site.get(path)
      await settled()
      const random = await randomOf('/p/both')
      expect(random).not.toBe(before)
      expect((await site.get('/_data/p/both.json')).body).toEqual({ pageProps: { random } })
      before = random
    }
    expect(site.calls('both')).toHaveLength(3)
  })

  it('is not refreshed without a visitor [7.10]', async () => {
    await write('lonely', { revalidate: 1 })
    await site.get('/p/lonely')
    await advance(3_600_000)
    await settled()

    expect(site.calls('lonely')).toHaveLength(1)
  })

  it('stays when its refresh fails, which is logged and tried again three seconds later [7.11]', async () => {
    await write('fails', { revalidate: 1 }, { throws: 'the source is down' }, { revalidate: 1 })
    const first = await site.get('/p/fails')
    await advance(1_000)
    for (let visit = 0; visit < 5; visit++) {
      const { status, text } = await site.get('/p/fails')
      expect([status, text]).toEqual([200, first.text])
      await settled()
    }
    expect(site.calls('fails')).toHaveLength(2)
    expect(site.takeErrors()).toEqual(['Error: the source is down'])

    await advance(2_999)
    await site.get('/p/fails')
    await settled()
    expect(site.calls('fails')).toHaveLength(2)
    await advance(1)
    await site.get('/p/fails')
    await settled()
    expect((await site.get('/p/fails')).text).not.toBe(first.text)
    expect(site.calls('fails')).toHaveLength(3)
  })

  it('becomes a 404 for as long as its result says, and a page again [7.12]', async () => {
    await write('comes', { revalidate: 1 }, { notFound: true, revalidate: 5 }, { revalidate: 1 })
    await site.get('/p/comes').expect(200)
    await advance(1_000)
    await site.get('/p/comes').expect(200)
    await settled()

    await site.get('/p/comes').expect(404)
    await advance(4_999)
    await site.get('/_data/p/comes.json').expect(404, { notFound: true })
    await settled()
    expect(site.calls('comes')).toHaveLength(2)
    await advance(1)
    await site.get('/p/comes').expect(404)
    await settled()
    await site.get('/p/comes').expect(200)
  })

  it('becomes a redirect, in HTML and in data [7.13]', async () => {
    const redirect = { destination: '/plain', permanent: true }
    await write('leaves', { revalidate: 1 }, { redirect, revalidate: 1 })
    await site.get('/p/leaves').expect(200)
    await advance(1_000)
    await site.get('/p/leaves').expect(200)
    await settled()

    await site.get('/p/leaves').redirects(0).expect(308).expect('Location', '/plain')
    await site.get('/_data/p/leaves.json').expect(200, { redirect: { destination: '/plain', status: 308 } })
  })

  it('takes its period from the newest result [7.15]', async () => {
    await write('changing', { revalidate: 1 }, { revalidate: 10 }, { revalidate: false })
    const headers = [await cacheControlOf('/p/changing')]
    for (const milliseconds of [1_000, 9_999, 1, YEAR * 500]) {
      await advance(milliseconds)
      await site.get('/p/changing')
      await settled()
      headers.push(await cacheControlOf('/p/changing'))
    }

    expect(headers).toEqual([
      `s-maxage=1, stale-while-revalidate=${YEAR - 1}`,
      `s-maxage=10, stale-while-revalidate=${YEAR - 10}`,
      `s-maxage=1, stale-while-revalidate=${YEAR - 10}`,
      `s-maxage=${YEAR}`,
      `s-maxage=${YEAR}`,
    ])
    expect(site.calls('changing')).toHaveLength(3)
  })

  it('renders at its own URL, whichever request causes it [7.21]', async () => {
    await write('where', { revalidate: 1 })
    const shown = async (path: string) => readRoot((await site.get(path)).text).replace(/<!--.*?-->/g, '')
    await site.get('/_data/p/where.json?a=1')
    expect(await shown('/p/where')).toBe('<p>/p/where </p>')
    await advance(2_000)
    for (const path of ['/_data/index.json?a=1', '/_data/p/where.json']) await site.get(path)
    await settled()
    expect([await shown('/'), await shown('/p/where')]).toEqual(['<p>/</p>', '<p>/p/where </p>'])
    await site.post('/api/revalidate').send(['/']).expect(200)
    expect(await shown('/')).toBe('<p>/</p>')
  })
})

describe('a page that does not exist', () => {
  it('is looked for again after a minute, after what its result says, or on demand [7.14]', async () => {
    await write('gone', { notFound: true })
    await write('retried', { notFound: true, revalidate: 1 })
    await write('asked', { notFound: true }, { revalidate: 10 })
    const ask = async (name: string) => {
      const { status } = await site.get(`/p/${name}`)
      await settled()
      return [status, site.calls(name).length]
    }
    for (const name of ['gone', 'retried', 'asked']) expect(await ask(name)).toEqual([404, 1])
    await advance(999)
    expect(await ask('retried')).toEqual([404, 1])
    await advance(1)
    expect(await ask('retried')).toEqual([404, 2])
    await advance(58_999)
    expect(await ask('gone')).toEqual([404, 1])
    await advance(1)
    expect(await ask('gone')).toEqual([404, 2])

    await site.post('/api/revalidate').send(['/p/asked']).expect(200)
    expect(await ask('asked')).toEqual([200, 2])
  })
})

describe('an entry of the cache', () => {
  it('is that of a path, whatever query and host a request has [7.16]', async () => {
    const first = await site.get('/p/one')
    for (const path of ['/p/one?a=1', '/p/one?a=2&b'])
      expect((await site.get(path).set('Host', 'other.example')).text).toBe(first.text)
    expect((await site.get('/p/two')).text).not.toBe(first.text)
    expect(site.calls('one')).toHaveLength(1)
  })

  it('has one key, to which every other spelling of its path leads [7.17]', async () => {
    await site.get('/p/a%62').redirects(0).expect(308).expect('Location', '/p/ab')
    expect(site.calls('ab')).toEqual([])
    const spelled = await site.get('/p/a%62').redirects(1)
    const plain = await site.get('/p/ab')

    expect(plain.text).toBe(spelled.text)
    expect(plain.headers['cache-status']).toBe(HIT)
    expect(site.calls('ab')).toHaveLength(1)
    expect(site.calls('a%62')).toEqual([])
  })

  it('keeps no header of the visitor who asked first, nor a cookie [7.24][7.25]', async () => {
    const ann = await site.get('/p/visited?who=ann').expect('X-Who', 'ann')
    const ben = await site.get('/p/visited')

    expect(ann.get('Set-Cookie')).toEqual(['who=ann; Path=/'])
    expect(ben.text).toBe(ann.text)
    expect(ben.headers).toMatchObject({ 'cache-status': HIT })
    for (const name of ['x-who', 'set-cookie']) expect(ben.headers).not.toHaveProperty(name)
  })

  it('is made although the client who asked for it has left [7.26]', async () => {
    await write('left', { held: true })
    const socket = connect(Number(new URL(site.url()).port), '127.0.0.1')
    await once(socket, 'connect')
    socket.write('GET /p/left HTTP/1.1\r\nHost: localhost\r\n\r\n')
    await held('left')
    socket.destroy()
    await once(socket, 'close')
    const next = site.get('/p/left').then((answer) => answer)
    await release('left')

    expect((await next).status).toBe(200)
    expect(await cacheStatusOf('/p/left')).toBe(HIT)
    expect(site.calls('left')).toHaveLength(1)
  })
})
