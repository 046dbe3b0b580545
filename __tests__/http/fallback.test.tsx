import request from 'supertest'
import { useRouter } from 'pagepress/react'
import { createTestApp } from 'pagepress/testing'
import { createClock } from '../support/clock.js'
import { failOnConsole } from '../support/console.js'
import { readPayload, readRoot } from '../support/page-data.js'

failOnConsole()

const DYN = 'private, no-cache, no-store, max-age=0, must-revalidate'

function Post({ title }: { title?: string }) {
  return useRouter().isFallback ? <p>loading</p> : <h1>{title}</h1>
}

interface Given {
  paths?: readonly unknown[]
  result?: (slug: string) => unknown
}

function createApp(fallback: boolean | 'blocking', { paths = ['/blog/listed'], result }: Given = {}) {
  const asked: string[] = []
  const clock = createClock()
  const test = createTestApp({
    pages: {
      '/blog/[slug]': {
        default: Post,
        getStaticPaths: () => ({ paths, fallback }),
        getStaticProps({ params: { slug } }: { params: { slug: string } }) {
          asked.push(slug)
          return result?.(slug) ?? { props: { title: slug }, revalidate: 5 }
        },
      },
      '/[...all]': {
        default: ({ all }: { all: string[] }) => <p>all of {all.join('/')}</p>,
        getServerSideProps: ({ params }: { params: { all: string[] } }) => ({ props: { all: params.all } }),
      },
      '/404': { default: () => <h1>Lost</h1> },
      '/_app': {
        default: ({ Component, pageProps }: { Component: typeof Post; pageProps: object }) => (
          <main data-fallback={String(useRouter().isFallback)} data-props={JSON.stringify(pageProps)}>
            <Component {...pageProps} />
          </main>
        ),
      },
    },
    now: clock.now,
  })
  return { ...test, asked, clock, get: (path: string) => request(test.app).get(path).redirects(0) }
}

describe('fallback: true at a URL that the app has rewritten', () => {
  it.each([['/'], ['/shop']])(
    'is the page, and no shell that the browser could not fill, mounted at %s',
    async (mount) => {
      const { app } = createTestApp({
        pages: {
          '/blog/[slug]': {
            default: Post,
            getStaticPaths: () => ({ paths: [], fallback: true }),
            getStaticProps: ({ params }: { params: { slug: string } }) => ({ props: { title: params.slug } }),
          },
        },
        mount,
        before: (app) =>
          app.use((req, _res, next) => {
            req.url = req.url.replace(/(?:\/shop)?\/old-/, `${mount === '/' ? '' : mount}/blog/`)
            next()
          }),
      })
      const base = mount === '/' ? '' : mount

      expect(readRoot((await request(app).get('/old-a').expect(200)).text)).toBe('<h1>a</h1>')
      expect(readRoot((await request(app).get(`${base}/old-b?x=1`).expect(200)).text)).toBe('<h1>b</h1>')
      expect(readRoot((await request(app).get(`${base}/blog/c?x=1`).expect(200)).text)).toBe('<p>loading</p>')
    },
  )
})

describe('fallback: false', () => {
  it('leaves a path that is not listed to the next route that matches [1.16]', async () => {
    const { get, asked } = createApp(false)

    expect(readRoot((await get('/blog/other').expect(200)).text)).toContain('all of')
    expect(asked).toEqual([])
    expect(readRoot((await get('/blog/listed').expect(200)).text)).toContain('<h1>listed</h1>')
  })

  it('is the 404 page where nothing else matches [1.16][4.23]', async () => {
    let calls = 0
    const { app } = createTestApp({
      pages: {
        '/blog/[slug]': {
          default: Post,
          getStaticPaths: () => ({ paths: [], fallback: false }),
          getStaticProps: () => ({ props: { calls: ++calls } }),
        },
        '/404': { default: () => <h1>Lost</h1> },
      },
    })

    for (const _time of [1, 2]) {
      const { text, headers } = await request(app).get('/blog/other').expect(404)
      expect(readRoot(text)).toBe('<h1>Lost</h1>')
      expect(headers['cache-control']).toBe(DYN)
      await request(app).get('/_data/blog/other.json').expect(404, '{"notFound":true}')
    }
    expect(calls).toBe(0)
  })

  it('tells paths apart by case [4.16]', async () => {
    const { get } = createApp(false, { paths: ['/blog/Listed'] })

    expect(readRoot((await get('/blog/Listed')).text)).toContain('<h1>Listed</h1>')
    expect(readRoot((await get('/blog/listed')).text)).toContain('all of')
  })
})

describe('fallback: true', () => {
  it('shows a shell for a path that is not listed, which nobody may keep [4.25]', async () => {
    const { get, asked } = createApp(true)

    const { text, headers } = await get('/blog/new?a=1').expect(200)

    expect(readRoot(text)).toContain('<p>loading</p>')
    expect(readPayload(text)).toMatchObject({ isFallback: true, props: { pageProps: {} }, query: {} })
    expect(headers['cache-control']).toBe(DYN)
    expect(asked).toEqual([])
  })

  it('has the shell inside of _app, which knows [4.34]', async () => {
    const { get } = createApp(true)

    expect(readRoot((await get('/blog/new')).text)).toBe(
      '<main data-fallback="true" data-props="{}"><p>loading</p></main>',
    )
  })

  it('never shows a shell for a path that is listed', async () => {
    const { get } = createApp(true)

    const { text } = await get('/blog/listed').expect(200)

    expect(readPayload(text).isFallback).toBe(false)
    expect(readRoot(text)).toContain('<h1>listed</h1>')
  })

  it('is the whole page once its data was asked for [4.27][4.28]', async () => {
    const { get } = createApp(true)
    await get('/blog/new')

    const data = await get('/_data/blog/new.json').expect(200)
    expect(data.body).toEqual({ pageProps: { title: 'new' } })
    expect(data.headers['cache-control']).toMatch(/^s-maxage=5, /)

    const { text, headers } = await get('/blog/new').expect(200)
    expect(readPayload(text)).toMatchObject({ isFallback: false, query: { slug: 'new' } })
    expect(readRoot(text)).toContain('<h1>new</h1>')
    expect(headers['cache-control']).toMatch(/^s-maxage=5, /)
  })

  it('is a 404 after its data was: the shell comes first, then the truth', async () => {
    const { get } = createApp(true, { result: () => ({ notFound: true }) })

    await get('/blog/gone').expect(200)
    await get('/_data/blog/gone.json').expect(404, '{"notFound":true}')
    expect(readRoot((await get('/blog/gone').expect(404)).text)).toContain('<h1>Lost</h1>')
  })

  it.each([
    'Googlebot/2.1 (+http://www.google.com/bot.html)',
    'Google-PageRenderer',
    'AdsBot-Google',
    'Mediapartners-Google',
    'Bingbot',
    'Slurp',
    'DuckDuckBot',
    'Baiduspider',
    'YandexBot',
    'facebookexternalhit/1.1',
    'LinkedInBot',
    'Twitterbot',
    'Slackbot',
    'Discordbot',
    'WhatsApp',
    'applebot',
    'ia_archiver',
    'GOOGLEBOT',
  ])('waits with the whole page for %s [4.31]', async (userAgent) => {
    const { get } = createApp(true)

    const { text } = await get('/blog/new').set('User-Agent', userAgent).expect(200)

    expect(readPayload(text).isFallback).toBe(false)
    expect(readRoot(text)).toContain('<h1>new</h1>')
  })
})

describe("fallback: 'blocking'", () => {
  it('produces a path at its first visit and keeps it [4.35]', async () => {
    const { get, asked } = createApp('blocking')

    const first = await get('/blog/new').expect(200)
    const second = await get('/blog/new').expect(200)

    expect(readPayload(first.text).isFallback).toBe(false)
    expect(first.headers).toMatchObject({
      'cache-status': 'pagepress; fwd=uri-miss; stored',
      'cache-control': `s-maxage=5, stale-while-revalidate=${31_536_000 - 5}`,
    })
    expect(second.headers['cache-status']).toBe('pagepress; hit')
    expect(second.text).toBe(first.text)
    expect(asked).toEqual(['new'])
  })

  it('answers notFound and redirect at once, and keeps them as long as they say [4.36]', async () => {
    const { get, asked, clock, settled } = createApp('blocking', {
      result: (slug) =>
        slug === 'gone'
          ? { notFound: true, revalidate: 2 }
          : { redirect: { destination: '/', permanent: false }, revalidate: 2 },
    })

    for (const [path, status] of [
      ['/blog/gone', 404],
      ['/blog/moved', 307],
    ] as const) {
      await get(path).expect(status)
      clock.advance(1_999)
      await get(path).expect(status)
      expect(asked).toHaveLength(1)
      clock.advance(1)
      await get(path).expect(status)
      await settled()
      expect(asked.splice(0)).toHaveLength(2)
    }
  })

  it('gives every value back as it was, however it is spelled in the URL [4.14][4.15]', async () => {
    const values = [
      '/my-post/',
      '+my-post+',
      '?my-post?',
      '&my-post&',
      '商業日語',
      '商業%E6',
      '[first]',
      "it's",
      'a b',
    ]
    const { get, asked } = createApp('blocking')

    for (const value of values) {
      const response = await get(`/blog/${encodeURIComponent(value)}`)
      const { text } =
        response.status === 308 ? await get(String(response.headers['location'])).expect(200) : response
      expect(readPayload(text).query).toEqual({ slug: value })
    }
    expect(asked).toEqual(values)
  })

  it('takes the names of object members for ordinary values [4.19]', async () => {
    const { get, asked } = createApp('blocking')
    const names = ['__proto__', 'constructor', 'toString', 'hasOwnProperty']

    for (const name of names) {
      const { body } = await get(`/_data/blog/${name}.json`).expect(200)
      expect(body).toEqual({ pageProps: { title: name } })
      expect((await get(`/blog/${name}`)).headers['cache-status']).toBe('pagepress; hit')
    }
    expect(asked).toEqual(names)
  })

  it('takes any number of unlisted paths, an empty list too [4.24]', async () => {
    for (const fallback of [true, 'blocking'] as const)
      await createApp(fallback, { paths: [] }).get('/blog/x').expect(200)
    expect(readRoot((await createApp(false, { paths: [] }).get('/blog/x')).text)).toContain('all of')
  })
})
