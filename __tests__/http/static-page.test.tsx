import request from 'supertest'
import { useRouter } from 'pagepress/react'
import { createTestApp } from 'pagepress/testing'
import { createClock } from '../support/clock.js'
import { failOnConsole } from '../support/console.js'
import { readPayload, readRoot } from '../support/page-data.js'

failOnConsole()

function About() {
  const { query, asPath, pathname, isReady } = useRouter()
  return <p>{JSON.stringify({ query, asPath, pathname, isReady })}</p>
}

function Show(props: Record<string, unknown>) {
  return <p>{JSON.stringify(props)}</p>
}

function readText(html: string): unknown {
  return JSON.parse(
    readRoot(html)
      .replace(/^<p>|<\/p>$/g, '')
      .replaceAll('&quot;', '"'),
  )
}

describe('a page without a data function', () => {
  it('is an HTML document for everybody, for as long as the build lives [1.49][7.02][8.01]', async () => {
    const { app } = createTestApp({ pages: { '/about': { default: () => <h1>About</h1> } } })

    const response = await request(app).get('/about').expect(200)

    expect(response.headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 's-maxage=31536000',
      'pagepress-build': 'test-build',
    })
    expect(response.headers['cache-control']).not.toContain('max-age=0')
    expect(response.text).toMatch(/^<!DOCTYPE html><html/)
    expect(response.text.match(/<!DOCTYPE/gi)).toHaveLength(1)
    expect(readRoot(response.text)).toBe('<h1>About</h1>')
  })

  it('is a miss the first time and a hit ever after', async () => {
    const { app } = createTestApp({ pages: { '/about': { default: () => <h1>About</h1> } } })

    const first = await request(app).get('/about')
    const second = await request(app).get('/about')

    expect(first.headers['cache-status']).toBe('pagepress; fwd=uri-miss; stored')
    expect(second.headers['cache-status']).toBe('pagepress; hit')
    expect(second.text).toBe(first.text)
  })

  it('has a payload with the flags of its kind and no others', async () => {
    const { app } = createTestApp({ pages: { '/about': { default: About } } })

    const { text } = await request(app).get('/about?secret=1')

    expect(readPayload(text)).toEqual({
      props: { pageProps: {} },
      page: '/about',
      query: {},
      buildId: 'test-build',
      isFallback: false,
      autoExport: true,
      nextExport: true,
    })
  })

  it('renders the route in place of a path that it cannot know: the same for all of them', async () => {
    let renders = 0
    function Post() {
      renders += 1
      return <About />
    }
    const { app } = createTestApp({ pages: { '/post/[id]': { default: Post } } })

    const one = await request(app).get('/post/1?q=1')
    const two = await request(app).get('/post/2')

    expect(readText(one.text)).toEqual({
      query: {},
      asPath: '/post/[id]',
      pathname: '/post/[id]',
      isReady: false,
    })
    expect(two.text).toBe(one.text)
    expect(renders).toBe(1)
  })
})

describe('a page with getStaticProps', () => {
  it('gets no params on a static path and never sees the request [3.01]', async () => {
    const contexts: object[] = []
    const { app } = createTestApp({
      pages: {
        '/news': {
          default: Show,
          getStaticProps: (context: object) => {
            contexts.push(context)
            return { props: {} }
          },
        },
        '/blog/[slug]/[...rest]': {
          default: Show,
          getStaticPaths: () => ({ paths: [], fallback: 'blocking' }),
          getStaticProps: (context: object) => {
            contexts.push(context)
            return { props: {} }
          },
        },
      },
    })

    await request(app).get('/news?a=1').expect(200)
    await request(app).get('/blog/hello%20world/a/b%2Fc').expect(200)

    expect(contexts[0]).not.toHaveProperty('params')
    expect(contexts[1]).toMatchObject({ params: { slug: 'hello world', rest: ['a', 'b/c'] } })
    for (const context of contexts) {
      expect(Object.keys(context)).not.toEqual(expect.arrayContaining(['req']))
      expect(context).not.toHaveProperty('req')
      expect(context).not.toHaveProperty('res')
      expect(context).not.toHaveProperty('query')
    }
  })

  it('gets neither draft nor preview keys outside of draft mode', async () => {
    let seen: object = {}
    const getStaticProps = (context: object) => {
      seen = context
      return { props: {} }
    }
    const { app } = createTestApp({ pages: { '/': { default: Show, getStaticProps } } })

    await request(app).get('/')

    expect(seen).not.toHaveProperty('draftMode')
    expect(seen).not.toHaveProperty('preview')
    expect(seen).not.toHaveProperty('previewData')
  })

  it('runs once and is the same for ever without revalidate', async () => {
    let calls = 0
    const clock = createClock()
    const getStaticProps = () => ({ props: { random: Math.random(), calls: ++calls } })
    const { app } = createTestApp({ pages: { '/': { default: Show, getStaticProps } }, now: clock.now })

    const first = await request(app).get('/')
    clock.advance(365 * 24 * 3_600_000)
    const later = await request(app).get('/')

    expect(calls).toBe(1)
    expect(later.text).toBe(first.text)
    expect(later.headers['cache-control']).toBe('s-maxage=31536000')
  })

  it('is the same whatever the query, in HTML and in data [3.07][6.14][7.16]', async () => {
    let calls = 0
    const getStaticProps = () => ({ props: { calls: ++calls }, revalidate: 10 })
    const { app } = createTestApp({
      pages: {
        '/something': {
          default: (props: object) => (
            <>
              <Show {...props} />
              <About />
            </>
          ),
          getStaticProps,
        },
      },
    })

    const plain = await request(app).get('/something')
    const asked = await request(app).get('/something?hello=world').set('Host', 'other.example')
    const data = await request(app).get('/_data/something.json?hello=world')
    const otherData = await request(app).get('/_data/something.json')

    expect(asked.text).toBe(plain.text)
    expect(readPayload(asked.text)).toMatchObject({ query: {}, props: { pageProps: { calls: 1 } } })
    expect(plain.text).toContain('&quot;query&quot;:{}')
    expect(plain.text).toContain('&quot;asPath&quot;:&quot;/something&quot;')
    expect(data.text).toBe(otherData.text)
    expect(calls).toBe(1)
  })

  it('has one entry for HTML and data, from one run [6.25][7.08]', async () => {
    const clock = createClock()
    const getStaticProps = () => ({ props: { random: Math.random() }, revalidate: 10 })
    const { app, settled } = createTestApp({
      pages: { '/': { default: Show, getStaticProps } },
      now: clock.now,
    })
    const read = async () => {
      const html = await request(app).get('/')
      const data = await request(app).get('/_data/index.json')
      return [readPayload(html.text).props.pageProps, data.body.pageProps]
    }

    const [html, data] = await read()
    expect(html).toEqual(data)

    clock.advance(10_000)
    await request(app).get('/_data/index.json')
    await settled()

    const [newHtml, newData] = await read()
    expect(newHtml).toEqual(newData)
    expect(newHtml).not.toEqual(html)
  })

  it('says gsp in its payload, with the params as the query [8.04]', async () => {
    const { app } = createTestApp({
      pages: {
        '/blog/[slug]': {
          default: Show,
          getStaticPaths: () => ({ paths: ['/blog/a'], fallback: false }),
          getStaticProps: () => ({ props: {} }),
        },
      },
    })

    const payload = readPayload((await request(app).get('/blog/a?x=1')).text)

    expect(payload).toEqual({
      props: { pageProps: {} },
      page: '/blog/[slug]',
      query: { slug: 'a' },
      buildId: 'test-build',
      isFallback: false,
      gsp: true,
    })
  })

  it('keeps nothing of the visitor who asked first: neither headers nor async context [7.24][7.25]', async () => {
    const { app } = createTestApp({
      pages: { '/': { default: Show, getStaticProps: () => ({ props: {}, revalidate: 10 }) } },
      before: (app) =>
        app.use((req, res, next) => {
          if (req.query['who'] === 'ann') res.set('X-For', 'ann').cookie('sid', 'ann')
          next()
        }),
    })

    const ann = await request(app).get('/?who=ann')
    const ben = await request(app).get('/')

    expect(ann.headers).toMatchObject({ 'x-for': 'ann', 'set-cookie': ['sid=ann; Path=/'] })
    expect(ann.headers['cache-control']).toContain('private')
    expect(ben.headers).not.toHaveProperty('x-for')
    expect(ben.headers).not.toHaveProperty('set-cookie')
    expect(ben.headers['cache-control']).toMatch(/^s-maxage=/)
    expect(ben.headers['cache-status']).toBe('pagepress; hit')
  })

  it('may render anything that JSON can carry without breaking out of its script element [6.26][8.02]', async () => {
    const nasty = '</script><script>alert(1)</script><!-- & \u2028\u2029 😀'
    const { app } = createTestApp({
      pages: { '/': { default: () => null, getStaticProps: () => ({ props: { nasty } }) } },
    })

    const { text } = await request(app).get('/')
    const data = await request(app).get('/_data/index.json')

    expect(readPayload(text).props.pageProps).toEqual({ nasty })
    expect(data.body).toEqual({ pageProps: { nasty } })
    const inside = /<script id="__PAGE_DATA__"[^>]*>(.*)<\/script>/s.exec(text)?.[1] ?? ''
    expect(inside).not.toMatch(/[&<>\u2028\u2029]/)
    expect(text.match(/<script/g)).toHaveLength(1)
  })
})

describe('a page with brackets inside its name', () => {
  it('is no dynamic route: it needs no list of paths, and is told no parameters', async () => {
    const getStaticProps = (context: object) => ({ props: { told: Object.keys(context) } })
    const { app, errors } = createTestApp({
      pages: {
        '/re[view]': { default: Show, getStaticProps },
        '/re[plain]': { default: About },
      },
    })

    const { status, text } = await request(app).get('/re%5Bview%5D')
    const plain = await request(app).get('/re%5Bplain%5D')

    expect(errors).toEqual([])
    expect(status).toBe(200)
    expect(readPayload(text).props.pageProps).toEqual({ told: ['revalidateReason'] })
    expect(readPayload(plain.text)).toMatchObject({ page: '/re[plain]', query: {} })
    expect(readRoot(plain.text)).toContain('/re%5Bplain%5D')
  })
})
