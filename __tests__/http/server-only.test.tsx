import { createElement, type ComponentType } from 'react'
import { ServerHtml, useRouter } from 'pagepress/react'
import type { TestAppOptions } from 'pagepress/testing'
import { decodeEntry, encodeEntry, toEntry, type PageEntry } from '../../lib/cache/entry.js'
import { openSite } from '../support/cached-site.js'
import { failOnConsole, takeConsole } from '../support/console.js'
import { readPayload } from '../support/page-data.js'
import { stopServers } from '../support/serve.js'

failOnConsole()
afterEach(stopServers)

const HTML = '<h2 id="part">Bread &amp; butter</h2>'

interface ArticleProps {
  title: string
  html?: string
}

function Article({ title, html }: ArticleProps) {
  return (
    <main>
      <h1>{title}</h1>
      <ServerHtml as="article" className="prose" html={html} />
    </main>
  )
}

const result = (title = 'one', html = HTML) => ({ props: { title }, serverOnly: { html } })
const dynamicPage = (fallback: unknown, getStaticProps: () => unknown) => ({
  default: Article,
  getStaticPaths: () => ({ paths: [], fallback }),
  getStaticProps,
})

const open = (pages: TestAppOptions['pages'], more: Partial<TestAppOptions> = {}) =>
  openSite({ pages, ...more })

/** How often the document says it, wherever. */
const timesIn = (body: string, text = 'butter') => body.split(text).length - 1

describe('serverOnly', () => {
  it('stands in the HTML of the document alone, and in the data with all other props', async () => {
    const { ask } = await open({
      '/server': { default: Article, getServerSideProps: () => result() },
      '/promised': {
        default: Article,
        getServerSideProps: () => ({ ...result(), props: Promise.resolve({ title: 'one' }) }),
      },
      '/static': { default: Article, getStaticProps: () => result() },
      '/blocking/[id]': dynamicPage('blocking', () => result()),
      '/brief': { default: Article, config: { microcache: 5 }, getServerSideProps: () => result() },
    })
    for (const path of ['/server', '/promised', '/static', '/blocking/a', '/brief']) {
      const { body } = await ask(path)
      expect(body).toContain(`<article class="prose">${HTML}</article>`)
      expect(timesIn(body)).toBe(1)
      expect(readPayload(body)).toMatchObject({ props: { pageProps: { title: 'one' } }, isPartial: true })
      expect(readPayload(body).props).toEqual({ pageProps: { title: 'one' } })
      const data = await ask(`/_data${path}.json`)
      expect(JSON.parse(data.body)).toEqual({ pageProps: { title: 'one', html: HTML } })
    }
  })

  it('leaves no mark on a page that returns none, or an empty one', async () => {
    const { ask } = await open({
      '/none': { default: Article, getServerSideProps: () => ({ props: { title: 'one' } }) },
      '/empty': { default: Article, getStaticProps: () => ({ props: { title: 'one' }, serverOnly: {} }) },
      '/undefined': {
        default: Article,
        getStaticProps: () => ({ props: { title: 'one' }, serverOnly: undefined }),
      },
    })
    for (const path of ['/none', '/empty', '/undefined'])
      expect(readPayload((await ask(path)).body)).not.toHaveProperty('isPartial')
  })

  it('is the same from the cache, and after a refresh', async () => {
    let run = 0
    const { ask, clock, settled } = await open({
      '/p': { default: Article, getStaticProps: () => ({ ...result(`run ${++run}`), revalidate: 5 }) },
    })
    const show = async () => {
      const { body, headers } = await ask('/p')
      const { body: data } = await ask('/_data/p.json')
      return [headers['cache-status'], timesIn(body), readPayload(body).props, JSON.parse(data)] as const
    }
    const expected = (n: number) => [
      1,
      { pageProps: { title: `run ${n}` } },
      { pageProps: { title: `run ${n}`, html: HTML } },
    ]
    expect((await show()).slice(1)).toEqual(expected(1))
    expect(await show()).toEqual(['pagepress; hit', ...expected(1)])
    clock.advance(6_000)
    await ask('/p')
    await settled()
    expect(await show()).toEqual(['pagepress; hit', ...expected(2)])
  })

  it('is whole in the data of a fallback page, whose shell has nothing', async () => {
    const { ask } = await open({ '/[id]': dynamicPage(true, () => result()) })
    const shell = readPayload((await ask('/a')).body)
    expect(shell).toMatchObject({ isFallback: true, props: { pageProps: {} } })
    expect(shell).not.toHaveProperty('isPartial')
    expect(JSON.parse((await ask('/_data/a.json')).body)).toEqual({ pageProps: { title: 'one', html: HTML } })
    const { body } = await ask('/a')
    expect([timesIn(body), readPayload(body)['isPartial']]).toEqual([1, true])
  })

  it('is left out for a visitor in draft mode as well', async () => {
    const { ask } = await open({
      '/p': { default: Article, getStaticProps: ({ draftMode = false }) => result(`draft ${draftMode}`) },
      '/api/draft': { default: (_req: unknown, res: any) => res.setDraftMode({ enable: true }).end() },
    })
    const { headers } = await ask('/api/draft')
    const cookie = [headers['set-cookie']]
      .flat()
      .map((one) => String(one).split(';')[0])
      .join('; ')
    const { body } = await ask('/p', { headers: { cookie } })
    expect(timesIn(body)).toBe(1)
    expect(readPayload(body)).toMatchObject({
      isPreview: true,
      isPartial: true,
      props: { pageProps: { title: 'draft true' } },
    })
    const data = await ask('/_data/p.json', { headers: { cookie } })
    expect(JSON.parse(data.body)).toEqual({
      isPreview: true,
      pageProps: { title: 'draft true', html: HTML },
    })
  })

  it('takes the place of what `App.getInitialProps` gave by the same name', async () => {
    const App = ({ Component, pageProps }: { Component: ComponentType<object>; pageProps: object }) =>
      createElement(Component, pageProps)
    App.getInitialProps = () => ({ pageProps: { html: '<i>of the app</i>', lang: 'nl' }, theme: 'dark' })
    const { ask } = await open({
      '/_app': { default: App },
      '/p': { default: Article, getServerSideProps: () => result() },
    })
    const { body } = await ask('/p')
    expect(body).toContain(`<article class="prose">${HTML}</article>`)
    expect(readPayload(body)).toMatchObject({ appGip: true, isPartial: true })
    expect(readPayload(body).props).toEqual({ pageProps: { lang: 'nl', title: 'one' }, theme: 'dark' })
    expect(JSON.parse((await ask('/_data/p.json')).body)).toEqual({
      pageProps: { lang: 'nl', title: 'one', html: HTML },
      theme: 'dark',
    })
  })

  it('is simply a prop of a page that is not hydrated', async () => {
    const { ask } = await open({
      '/still': { default: Article, config: { hydrate: false }, getServerSideProps: () => result() },
    })
    const { body } = await ask('/still')
    expect(body).toContain(`<article class="prose">${HTML}</article>`)
    expect(body).not.toContain('__PAGE_DATA__')
    expect(JSON.parse((await ask('/_data/still.json')).body)).toEqual({
      pageProps: { title: 'one', html: HTML },
    })
  })

  it('is left out of a 404 page, whether or not it shows its URL', async () => {
    const ShowUrl = (props: ArticleProps) => (
      <>
        <p>{useRouter().asPath}</p>
        <Article {...props} />
      </>
    )
    for (const Page of [Article, ShowUrl]) {
      const { ask } = await open(
        { '/404': { default: Page, getStaticProps: () => result() } },
        { options: { fallthrough: false } },
      )
      for (const path of ['/nowhere', '/nowhere', '/other']) {
        const { status, body } = await ask(path)
        expect([status, timesIn(body)]).toEqual([404, 1])
        expect(readPayload(body)).toMatchObject({ page: '/404', isPartial: true })
        expect(readPayload(body).props).toEqual({ pageProps: { title: 'one' } })
        if (Page === ShowUrl) expect(body).toContain(`<p>${path}</p>`)
      }
    }
  })

  it('is left out of a 500 page, and of an error page for each request', async () => {
    const failing = {
      default: Article,
      getServerSideProps: () => {
        throw new Error('no data')
      },
    }
    for (const pages of [
      { '/fails': failing, '/500': { default: Article, getStaticProps: () => result() } },
      { '/fails': failing, '/_error': { default: Article, getServerSideProps: () => result() } },
    ]) {
      const { ask } = await open(pages)
      const { status, body } = await ask('/fails')
      expect([status, timesIn(body)]).toEqual([500, 1])
      expect(readPayload(body)).toMatchObject({ isPartial: true, props: { pageProps: { title: 'one' } } })
    }
  })

  it('does not count as weight of the document', async () => {
    const html = 'x'.repeat(200_000)
    const { ask } = await open(
      {
        '/partial': { default: Article, getServerSideProps: () => result('one', html) },
        '/whole': { default: Article, getServerSideProps: () => ({ props: { title: 'one', html } }) },
        '/both': { default: Article, getServerSideProps: () => result(html, 'short') },
        '/still': {
          default: Article,
          config: { hydrate: false },
          getServerSideProps: () => ({ props: { title: 'one', html } }),
        },
      },
      { options: { dev: true } },
    )
    const told = async (path: string) => {
      expect((await ask(path)).status).toBe(200)
      return takeConsole()
    }
    expect(await told('/partial')).toEqual([])
    expect(await told('/_data/partial.json')).toEqual([])
    expect(await told('/still')).toEqual([])
    expect(await told('/both')).toEqual([expect.stringContaining('the props of page `/both` are 200 kB')])
    expect(await told('/whole')).toEqual([expect.stringContaining('the props of page `/whole` are 200 kB')])
  })
})

describe('serverOnly that cannot be', () => {
  const cases: [what: string, returned: object, message: RegExp, code?: string][] = [
    [
      'a name that props have as well',
      { props: { title: 'one', html: 'a' }, serverOnly: { html: 'b' } },
      /`getServerSideProps` of `pages\/p\.tsx` returned `html` both in `props` and in `serverOnly`\./,
    ],
    ['a text', { props: {}, serverOnly: '<p>' }, /`serverOnly` that is `?"<p>"`?, not a plain object/],
    ['null', { props: {}, serverOnly: null }, /`serverOnly` that is `?null`?, not a plain object/],
    ['a list', { props: {}, serverOnly: ['<p>'] }, /`serverOnly` that is .*, not a plain object/],
    [
      'a value that JSON cannot carry',
      { props: {}, serverOnly: { made: new Date(0) } },
      /Error serializing `\.serverOnly\.made` returned from `getServerSideProps` in `pages\/p\.tsx`/,
      'PAGES_DATA_PROPS',
    ],
    [
      'no props beside it',
      { serverOnly: { html: 'b' } },
      /props must be returned as a plain object/,
      'PAGES_DATA_PROPS',
    ],
  ]
  it.each(cases)('is told of: %s', async (_what, returned, message, code = 'PAGES_DATA_RESULT') => {
    const errors: unknown[] = []
    const { ask } = await open(
      { '/p': { default: Article, getServerSideProps: () => returned } },
      { options: { dev: true, onError: (error) => void errors.push(error) } },
    )
    expect((await ask('/p')).status).toBe(500)
    expect(errors).toEqual([expect.objectContaining({ code, message: expect.stringMatching(message) })])
  })

  it('is told of in production, where values are not looked at', async () => {
    const errors: unknown[] = []
    const { ask } = await open(
      {
        '/same': {
          default: Article,
          getStaticProps: () => ({ props: { html: 'a' }, serverOnly: { html: 'a' } }),
        },
        '/promise': {
          default: Article,
          getStaticProps: () => ({ props: {}, serverOnly: Promise.resolve({ html: 'a' }) }),
        },
        // As those of query builders are.
        '/thenable': {
          default: Article,
          // oxlint-disable-next-line unicorn/no-thenable -- what is tested
          getStaticProps: () => ({ props: {}, serverOnly: { then: () => {}, catch: () => {} } }),
        },
        '/keep': { default: Article, getStaticProps: () => ({ keep: true, serverOnly: { html: 'a' } }) },
      },
      { options: { onError: (error) => void errors.push((error as Error).message) } },
    )
    for (const path of ['/same', '/promise', '/thenable', '/keep']) expect((await ask(path)).status).toBe(500)
    expect(errors).toEqual([
      expect.stringContaining('returned `html` both in `props` and in `serverOnly`'),
      expect.stringContaining('returned `serverOnly` that is a promise, not a plain object'),
      expect.stringContaining('returned `serverOnly` that is a promise, not a plain object'),
      expect.stringContaining('returned `keep: true` beside `serverOnly`'),
    ])
  })
})

describe('an entry in a store', () => {
  const entry = toEntry(
    {
      type: 'page',
      status: 200,
      document: Buffer.from('document'),
      data: '{}',
      serverOnly: ['html'],
      lifetime: { revalidateSeconds: 5, expireSeconds: 10 },
    },
    0,
  ) as PageEntry

  it('keeps the names of what the document leaves out', () => {
    expect(decodeEntry('/p', encodeEntry('/p', entry))).toMatchObject({ serverOnly: ['html'] })
  })

  it('is none with names that are no texts', () => {
    for (const wrong of ['html', [1], [null], { length: 1 }])
      expect(decodeEntry('/p', encodeEntry('/p', { ...entry, serverOnly: wrong as never }))).toBeUndefined()
  })
})
