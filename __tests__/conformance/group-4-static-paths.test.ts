import { setTimeout as pause } from 'node:timers/promises'
import { useConformanceSite } from '../support/conformance-site.js'
import { readPayload, readRoot } from '../support/page-data.js'

const HIT = 'pagepress; hit'
const MISS = 'pagepress; fwd=uri-miss; stored'
const DYN = 'private, no-cache, no-store, max-age=0, must-revalidate'
/** Of `revalidate: 600`, a moment after the page was made. */
const ISR = /^s-maxage=(?:600|59\d), stale-while-revalidate=3153\d{4}$/

const site = useConformanceSite('static-paths')

interface Shown {
  params?: Record<string, unknown>
  asPath: string
  query: Record<string, unknown>
  isFallback: boolean
}

/** What the page shows of itself. */
function shownIn(html: string): Shown {
  const text = /<p>(.*)<\/p>/.exec(readRoot(html))?.[1] ?? ''
  return JSON.parse(
    text.replaceAll('&quot;', '"').replaceAll('&#x27;', "'").replaceAll('&amp;', '&'),
  ) as Shown
}

/** A page that the build has made, or a visit before this one. */
async function hit(path: string): Promise<Shown> {
  const { text, headers } = await site.get(path).expect(200)
  expect([path, headers['cache-status']]).toEqual([path, HIT])
  return shownIn(text)
}

describe('getStaticPaths', () => {
  it('is told of no locales, in an object of its own each time [4.01]', () => {
    expect(site.builtWith('paths')).toEqual([{ locales: [] }, { locales: [] }])
  })

  it('lists a subset of the paths, and all others come with their first visitors', async () => {
    expect(await hit('/posts/1')).toMatchObject({ params: { id: '1' } })
    expect(await hit('/posts/2')).toMatchObject({ params: { id: '2' } })
    expect((await site.get('/posts/3').expect(200)).headers['cache-status']).toBe(MISS)
    expect(await hit('/posts/3')).toMatchObject({ params: { id: '3' } })
    expect(site.calls('props')).toEqual([{ id: '3' }])
  })

  it('lists the values of several segments, and of a catch-all', async () => {
    const books = { category: 'books', product: 'dune' }
    expect(await hit('/category/books/dune')).toMatchObject({ params: books, query: books })
    expect(await hit('/category/music/kind-of-blue')).toMatchObject({ params: { category: 'music' } })
    expect(await hit('/files/a/b%20c')).toMatchObject({ params: { path: ['a', 'b c'] } })
    expect(await hit('/files/d')).toMatchObject({ params: { path: ['d'] } })
    await site.get('/category/books/other').expect(404)
    expect(site.calls('props')).toEqual([])
  })

  it.each(['undefined', 'null', 'false', 'list'])(
    'names the root of an optional catch-all by what stands for nothing (%s) [4.09]',
    async (kind) => {
      expect(await hit(`/roots/${kind}`)).toMatchObject({ params: {}, query: {} })
      await site.get(`/roots/${kind}/below`).expect(404)
    },
  )

  it.each([
    ['/my-post/', '[4.14]'],
    ['+my-post+', '[4.14]'],
    ['?my-post?', '[4.14]'],
    ['&my-post&', '[4.14]'],
    ['商業日語', '[4.14]'],
    ['%2Fmy-post%2F', '[4.14]'],
    ['a b', ''],
    ['[first]', '[4.15]'],
    ['__proto__', '[4.19]'],
    ['constructor', '[4.19]'],
    ['toString', '[4.19]'],
    ['hasOwnProperty', '[4.19]'],
  ])('lists %s as a value or as an encoded path, and the page gets it back [4.13]%s', async (value) => {
    for (const folder of ['encoded', 'texts']) {
      // Some characters need no escape in a URL: the library redirects from the longer spelling to its own.
      let path = `/${folder}/${encodeURIComponent(value)}`
      const { status, headers } = await site.get(path)
      if (status === 308) path = String(headers['location'])
      expect(await hit(path)).toEqual({
        params: { value },
        query: { value },
        asPath: path,
        isFallback: false,
      })
      const data = await site.get(`/_data${path}.json`).expect(200)
      expect(data.body).toEqual({ pageProps: { params: { value } } })
    }
    expect(site.calls('props')).toEqual([])
  })

  it('tells values apart by case [4.16]', async () => {
    expect(await hit('/case/Blog')).toMatchObject({ params: { name: 'Blog' } })
    const { text, headers } = await site.get('/case/blog').expect(200)
    expect([headers['cache-status'], shownIn(text).params]).toEqual([MISS, { name: 'blog' }])
    expect(await hit('/case/Blog')).toMatchObject({ params: { name: 'Blog' } })
  })

  it('may list a path in any number of spellings: it is made once [4.17]', () => {
    const made = site.builtWith('props').filter((params) => (params as { id?: string }).id === 'a')
    expect(made).toEqual([{ id: 'a' }])
  })

  it('may list nothing, whatever the fallback is [4.24]', async () => {
    expect(shownIn((await site.get('/none-shell/a').expect(200)).text).isFallback).toBe(true)
    expect(shownIn((await site.get('/all-later/a').expect(200)).text)).toMatchObject({ params: { id: 'a' } })
    expect(readRoot((await site.get('/none-closed/a').expect(200)).text)).toContain('all of')
  })
})

describe('fallback: false', () => {
  it('is a 404 for a path that is not listed, however often it is asked for [4.23]', async () => {
    for (const _time of [1, 2]) {
      const { text, headers } = await site.get('/closed/out').expect(404)
      expect(readRoot(text)).toContain('<h1>Lost</h1>')
      expect(headers['cache-control']).toBe(DYN)
      await site.get('/_data/closed/out.json').expect(404, '{"notFound":true}')
    }
    expect(site.calls('props')).toEqual([])
    await hit('/closed/in')
    await site.get('/_data/closed/in.json').expect(200, { pageProps: { params: { id: 'in' } } })
  })
})

describe('fallback: true', () => {
  it('shows a shell for a path that is not listed, inside of _app, which nobody may keep [4.25][4.34]', async () => {
    const { text, headers } = await site.get('/shell/new?a=1').expect(200)

    const payload = readPayload(text)
    expect(payload).toMatchObject({ isFallback: true, query: {}, props: { pageProps: {} } })
    expect(payload.props.pageProps).toEqual({})
    expect(readRoot(text)).toMatch(/^<main data-fallback="true" data-props="{}"><p>/)
    expect(text).toMatch(/^<!DOCTYPE html>/)
    expect(headers['cache-control']).toBe(DYN)
    expect(site.calls('props')).toEqual([])
  })

  it('is the whole page when its data has been asked for, which waits for it [4.27][4.28]', async () => {
    await site.get('/shell/later').expect(200)

    const data = await site.get('/_data/shell/later.json').expect(200)
    expect(data.body).toEqual({ pageProps: { params: { id: 'later' } } })
    expect(data.headers['cache-control']).toMatch(ISR)
    expect(site.calls('props')).toEqual([{ id: 'later' }])

    const { text, headers } = await site.get('/shell/later').expect(200)
    expect(readPayload(text)).toMatchObject({ isFallback: false, query: { id: 'later' } })
    expect(headers['cache-control']).toMatch(ISR)
    expect(site.calls('props')).toHaveLength(1)
  })

  it('is a shell first and a 404 when its data was not found [4.30]', async () => {
    expect(readPayload((await site.get('/shell-gone/a').expect(200)).text).isFallback).toBe(true)
    await site.get('/_data/shell-gone/a.json').expect(404, '{"notFound":true}')
    expect(readRoot((await site.get('/shell-gone/a').expect(404)).text)).toContain('<h1>Lost</h1>')
  })

  it.each([
    'Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)',
    'Google-PageRenderer Google (+https://developers.google.com/+/web/snippet/)',
    'AdsBot-Google (+http://www.google.com/adsbot.html)',
    'Mediapartners-Google',
    'Mozilla/5.0 (compatible; bingbot/2.0)',
    'Mozilla/5.0 (compatible; Yahoo! Slurp)',
    'DuckDuckBot/1.1',
    'Mozilla/5.0 (compatible; Baiduspider/2.0)',
    'Mozilla/5.0 (compatible; YandexBot/3.0)',
    'facebookexternalhit/1.1',
    'LinkedInBot/1.0',
    'Twitterbot/1.0',
    'Slackbot 1.0',
    'Mozilla/5.0 (compatible; Discordbot/2.0)',
    'WhatsApp/2.0',
    'Mozilla/5.0 (Applebot/0.1)',
    'ia_archiver',
    'GOOGLEBOT',
  ])('waits with the whole page for %s [4.31]', async (userAgent) => {
    const path = `/shell/${encodeURIComponent(userAgent.replace(/\W+/g, '-'))}`
    const { text } = await site.get(path).set('User-Agent', userAgent).expect(200)

    expect(shownIn(text)).toMatchObject({ isFallback: false, asPath: path })
    expect(site.calls('props')).toHaveLength(1)
  })
})

describe("fallback: 'blocking'", () => {
  it('makes a page at its first visit and keeps it [4.35]', async () => {
    const first = await site.get('/all-later/first').expect(200)
    const second = await site.get('/all-later/first').expect(200)

    expect(readPayload(first.text)).toMatchObject({ isFallback: false, query: { id: 'first' } })
    expect(first.headers['cache-status']).toBe(MISS)
    expect(first.headers['cache-control']).toMatch(ISR)
    expect(second.headers['cache-status']).toBe(HIT)
    expect(second.text).toBe(first.text)
    expect(site.calls('props')).toEqual([{ id: 'first' }])
  })

  it.each([
    ['gone', 404, undefined],
    ['moved', 307, '/posts/1'],
  ])(
    'is what it says at once (%s: %i), and keeps it for its period [4.36]',
    async (name, status, location) => {
      const first = await site.get(`/ends/${name}`).expect(status)
      expect(first.headers['location']).toBe(location)
      await site.get(`/ends/${name}`).expect(status)
      expect(site.calls('ends')).toEqual([name])

      // Due after its period: asked for again, behind a visitor who still gets the one that is there.
      await pause(1_100)
      await site.get(`/ends/${name}`).expect(status)
      for (let tries = 0; site.calls('ends').length < 2 && tries < 100; tries += 1) await pause(20)
      expect(site.calls('ends')).toEqual([name, name])
    },
  )

  it('asks once for all who come at the same time, and gives all the same [4.37]', async () => {
    const answers = await Promise.all(Array.from({ length: 10 }, () => site.get('/slow/a').expect(200)))

    expect(new Set(answers.map(({ text }) => text)).size).toBe(1)
    expect(site.calls('slow')).toEqual(['a'])
  })
})
