import type { Browser, Page } from 'playwright-core'
import { Head, Html, Main, Scripts } from 'pagepress/document'
import { Script, useRouter } from 'pagepress/react'
import { createTestApp, type MemoryPages } from 'pagepress/testing'
import { emptyStore } from '../../lib/cache/store.js'
import type { GetServerSidePropsContext, GetStaticPropsContext } from '../../lib/types.js'
import { launchChromium } from '../support/chromium.js'
import { failOnConsole } from '../support/console.js'
import { inheritedNames, scriptTexts } from '../support/security-inputs.js'
import { serve, stopServers } from '../support/serve.js'

failOnConsole()
afterEach(stopServers)

let browser: Browser
let page: Page
beforeAll(async () => {
  browser = await launchChromium()
  page = await browser.newPage()
}, 60_000)
afterAll(() => browser?.close())

interface ParsedPage {
  /** Attributes and text of every script element, in order. */
  readonly scripts: { readonly attributes: Record<string, string>; readonly text: string }[]
  /** Names of all other elements that a page of these tests does not have. */
  readonly strangers: string[]
}

/** Reads documents as a browser does. */
function parse(documents: string[]): Promise<ParsedPage[]> {
  return page.evaluate(
    (texts) =>
      texts.map((html) => {
        const parsed = new DOMParser().parseFromString(html, 'text/html')
        const own =
          'html, head, body, meta, title, script, main, p, div, h1, h2, style, head > noscript[data-n-css]:empty'
        return {
          scripts: Array.from(parsed.scripts, (script) => ({
            attributes: Object.fromEntries(Array.from(script.attributes, ({ name, value }) => [name, value])),
            text: script.text,
          })),
          strangers: Array.from(parsed.querySelectorAll(`:not(${own})`), (element) => element.outerHTML),
        }
      }),
    documents,
  )
}

const dataScript = { id: '__PAGE_DATA__', type: 'application/json' }

/** The payload of a page whose only script is the one that carries it. */
function payloadOf({ scripts, strangers }: ParsedPage) {
  expect(strangers).toEqual([])
  expect(scripts.map(({ attributes }) => attributes)).toEqual([dataScript])
  return JSON.parse(scripts[0]?.text ?? '') as {
    props: { pageProps: Record<string, unknown> }
    query: Record<string, unknown>
  }
}

function Show(props: Record<string, unknown>) {
  const { asPath, query } = useRouter()
  return (
    <p title={String(props['text'])}>
      {String(props['text'])} {asPath} {JSON.stringify(query)} {JSON.stringify(props)}
    </p>
  )
}

const blocking = () => ({ paths: [], fallback: 'blocking' as const })
/** What a URL can carry of a text. */
const inUrl = (text: string) => encodeURIComponent(text.toWellFormed())

describe('text that would end a script element', () => {
  it('stays text in props, parameters, query, path and errors [S71]', async () => {
    const pages: MemoryPages = {
      '/ssr/[slug]': {
        default: Show,
        getServerSideProps: ({ params, query }: GetServerSidePropsContext) => ({
          props: { text: textOf(query['n']), params, query },
        }),
      },
      '/isr/[slug]': {
        default: Show,
        getStaticPaths: blocking,
        getStaticProps: ({ params }: GetStaticPropsContext) => ({
          props: { text: params?.['slug'], nested: [{ text: params?.['slug'] }] },
        }),
      },
      '/fail/[n]': {
        default: Show,
        getServerSideProps: ({ params }: GetServerSidePropsContext) => {
          throw new Error(textOf(params?.['n']))
        },
      },
    }
    const textOf = (index: unknown) => scriptTexts[Number(index)] ?? ''
    const { app, errors } = createTestApp({ pages })
    const { ask } = await serve(app)
    const documents: string[] = []
    for (const [n, text] of scriptTexts.entries()) {
      const value = inUrl(text)
      for (const path of [`/ssr/${value}?n=${n}&q=${value}`, `/isr/${value}`, `/fail/${n}?q=${value}`]) {
        const answer = await ask(path)
        // The canonical spelling of a path may differ from `encodeURIComponent`'s.
        documents.push(answer.status === 308 ? (await ask(answer.headers.location ?? '')).body : answer.body)
      }
      const data = await ask(`/_data/ssr/x.json?n=${n}&q=${value}`)
      expect(data.body).not.toMatch(/[<>&\u2028\u2029]/)
      expect(JSON.parse(data.body)).toEqual({
        pageProps: {
          text,
          params: { slug: 'x' },
          query: { slug: 'x', n: String(n), q: text.toWellFormed() },
        },
      })
    }
    const parsed = await parse(documents)
    expect(parsed).toHaveLength(scriptTexts.length * 3)
    for (const [n, text] of scriptTexts.entries()) {
      const [ssr, isr, failed] = parsed.slice(n * 3, n * 3 + 3).map(payloadOf)
      const sent = text.toWellFormed()
      const query = { slug: sent, n: String(n), q: sent }
      expect(ssr).toMatchObject({ props: { pageProps: { text, params: { slug: sent }, query } }, query })
      expect(isr).toMatchObject({
        props: { pageProps: { text: sent, nested: [{ text: sent }] } },
        query: { slug: sent },
      })
      expect(JSON.stringify(failed)).not.toContain(JSON.stringify(text).slice(1, -1) || 'never')
    }
    expect(errors).toHaveLength(scriptTexts.length)
  }, 60_000)

  it('stays text as a name: of props, query, parameters and build [S72]', async () => {
    const inHeaders = scriptTexts.filter((text) => /^[\x20-\x7e]+$/.test(text))
    const inRoutes = scriptTexts.filter(
      (text) => !/[/[\]\0]/.test(text) && text.isWellFormed() && !/^\.|^\W*$/.test(text),
    )
    expect([inHeaders.length, inRoutes.length]).toEqual([expect.any(Number), expect.any(Number)])
    const props = Object.fromEntries(scriptTexts.map((text, n) => [text, { [text]: n }]))
    const documents: string[] = []
    const expected: object[] = []
    for (const [n, text] of scriptTexts.entries()) {
      const name = inRoutes[n % inRoutes.length] ?? 'name'
      const { app } = createTestApp({
        buildId: inHeaders[n % inHeaders.length] ?? 'build',
        pages: {
          [`/ssr/[${name}]`]: { default: Show, getServerSideProps: () => ({ props }) },
          [`/isr/[${name}]`]: { default: Show, getStaticPaths: blocking, getStaticProps: () => ({ props }) },
        },
      })
      const { ask } = await serve(app)
      documents.push((await ask(`/ssr/v?${inUrl(text)}=1`)).body, (await ask('/isr/v')).body)
      expected.push({ query: { [text.toWellFormed()]: '1', [name]: 'v' } }, { query: { [name]: 'v' } })
      expect(JSON.parse((await ask('/_data/ssr/v.json')).body)).toEqual({ pageProps: props })
    }
    const payloads = (await parse(documents)).map(payloadOf)
    for (const [n, payload] of payloads.entries()) {
      expect(payload.props.pageProps).toEqual(props)
      expect(payload).toMatchObject(expected[n] ?? {})
    }
  }, 60_000)
})

describe('attributes', () => {
  it('hold any text: of Script, and lang and dir of the document [S73]', async () => {
    const documents: string[] = []
    for (const text of scriptTexts) {
      const Document = () => (
        <Html lang={text} dir={text}>
          <Head>
            <Script id={text} strategy="beforeInteractive" src={`/x.js?${text}`} data-own={text} />
          </Head>
          <body>
            <Main />
            <Scripts />
          </body>
        </Html>
      )
      const pages = { '/_document': { default: Document }, '/': { default: () => <p>x</p> } }
      documents.push((await (await serve(createTestApp({ pages }).app)).ask('/')).body)
    }
    const parsed = await page.evaluate(
      (texts) =>
        texts.map((html) => {
          const { documentElement, scripts } = new DOMParser().parseFromString(html, 'text/html')
          const valuesOf = (element: Element | undefined, names: string[]) =>
            names.map((name) => element?.getAttribute(name))
          const own = valuesOf(scripts[0], ['id', 'src', 'data-own'])
          return [scripts.length, scripts[0]?.text, ...own, ...valuesOf(documentElement, ['lang', 'dir'])]
        }),
      documents,
    )
    for (const [n, given] of scriptTexts.entries()) {
      // What HTML has no place for, it replaces.
      const text = given.toWellFormed().replaceAll('\0', '\ufffd')
      expect(parsed[n]).toEqual([2, '', text, `/x.js?${text}`, text, text, text])
    }
  }, 60_000)
})

describe('values that are no plain data', () => {
  it('keeps names that objects inherit as names, in props and in payloads', async () => {
    const json = `{"__proto__":{"x":1,"polluted":true},"constructor":{"prototype":{"polluted":true}},${inheritedNames
      .slice(2)
      .map((name) => `"${name}":{"polluted":true}`)
      .join()}}`
    const props = () => JSON.parse(json) as Record<string, unknown>
    function App({ Component, pageProps }: { Component: (props: object) => unknown; pageProps: object }) {
      return <>{Component({ ...pageProps }) as never}</>
    }
    App.getInitialProps = () => ({ pageProps: props(), ...props() })
    const pages: MemoryPages = {
      '/_app': { default: App },
      '/ssr': { default: () => <p>x</p>, getServerSideProps: () => ({ props: props() }) },
      '/isr': { default: () => <p>x</p>, getStaticProps: () => ({ props: props() }) },
      '/redirect': {
        default: () => <p>x</p>,
        getServerSideProps: () => JSON.parse('{"__proto__":{"notFound":true},"props":{}}') as object,
      },
    }
    const { app, errors } = createTestApp({ pages })
    const { ask } = await serve(app)
    const documents: string[] = []
    for (const path of ['/ssr', '/isr']) {
      documents.push((await ask(path)).body)
      expect((await ask(`/_data${path}.json`)).body).toContain('"__proto__":{"x":1')
    }
    await ask('/redirect?__proto__[polluted]=1&__proto__=polluted&constructor.prototype.polluted=1')
    expect(errors.map(String)).toEqual([expect.stringMatching(/additional keys: `__proto__`/)])
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined()

    const read = await page.evaluate((texts) => {
      const seen = texts.map((html) => {
        const element = new DOMParser().parseFromString(html, 'text/html').getElementById('__PAGE_DATA__')
        const payload = JSON.parse(element?.textContent ?? '') as { props: { pageProps: object } }
        const merged = { ...payload.props, ...payload.props.pageProps }
        return [
          Object.keys(payload.props.pageProps).includes('__proto__'),
          'polluted' in merged,
          'polluted' in {},
        ]
      })
      return seen
    }, documents)
    expect(read).toEqual([
      [true, false, false],
      [true, false, false],
    ])
  })

  const deep = () => {
    let value: object = {}
    for (let n = 0; n < 20_000; n += 1) value = { value }
    return value
  }
  const circular = () => {
    const value: Record<string, unknown> = {}
    value['self'] = value
    return value
  }
  const looping = (): object => ({ toJSON: looping, again: { toJSON: looping } })
  const throwing = (what: string): object => ({
    get [what]() {
      throw new Error('getter')
    },
  })
  class Thing {}

  /** What JSON has no text for. */
  const impossible: [name: string, make: () => unknown][] = [
    ['BigInt', () => 1n],
    ['a circle', circular],
    ['an object 20,000 deep', deep],
    ['a getter that throws', () => throwing('b')],
    ['toJSON that throws', () => ({ toJSON: () => throwing('x') && (throwing('x') as { x: unknown }).x })],
    [
      'toJSON that never ends',
      () => ({
        toJSON: () => ({
          a: [looping()].map(function again(): unknown {
            return { toJSON: () => ({ b: again() }) }
          }),
        }),
      }),
    ],
    [
      'a Proxy that throws',
      () =>
        new Proxy(
          {},
          {
            ownKeys: () => {
              throw new Error('trap')
            },
          },
        ),
    ],
  ]
  /** What JSON has another text for than one may expect. Production looks for none of it: that would cost every page. */
  const surprising: [name: string, make: () => unknown][] = [
    ['Date', () => new Date(0)],
    ['Map', () => new Map([[1, 2]])],
    ['undefined', () => undefined],
    ['a function', () => () => 1],
    ['a symbol', () => Symbol('s')],
    ['an instance of a class', () => new Thing()],
  ]

  it.each([
    ...impossible.map(
      ([name, make]) => [name, 'fails for one request alone, and keeps nothing [S76]', 500, make] as const,
    ),
    ...surprising.map(([name, make]) => [name, 'is what JSON makes of it', 200, make] as const),
  ])('%s in production: %s', async (_name, _title, production, make) => {
    const stored: string[] = []
    const pages: MemoryPages = {
      '/ssr': {
        default: () => <p>x</p>,
        getServerSideProps: () => ({ props: { a: [1, 2, 3, { b: make() }] } }),
      },
      '/isr': {
        default: () => <p>x</p>,
        getStaticProps: () => ({ props: { a: [1, 2, 3, { b: make() }] }, revalidate: 1 }),
      },
      '/fine': { default: () => <p>fine</p> },
    }
    const { app, errors, settled } = createTestApp({
      pages,
      store: {
        ...emptyStore,
        get: async () => undefined,
        set: async (key) => void stored.push(key),
        delete: async () => {},
      },
    })
    const { ask } = await serve(app)
    for (const path of ['/ssr', '/isr', '/_data/ssr.json', '/_data/isr.json']) {
      expect([path, (await ask(path)).status]).toEqual([path, production])
    }
    await settled()
    expect((await ask('/fine')).body).toContain('<p>fine</p>')
    expect(stored.includes('/isr')).toBe(production === 200)
    expect(errors.length > 0).toBe(production === 500)
  })

  it.each([...impossible, ...surprising])(
    'names the place of %s in development [S76]',
    async (_name, make) => {
      const { app, errors } = createTestApp({
        options: { dev: true },
        pages: {
          '/ssr': {
            default: () => <p>x</p>,
            getServerSideProps: () => ({ props: { a: [1, 2, 3, { b: make() }] } }),
          },
        },
      })
      const { ask } = await serve(app)
      expect((await ask('/ssr')).status).toBe(500)
      expect(errors.map(String).join()).toMatch(/\.a\[3\]\.b/)
    },
  )
})

describe('scripts of a document', () => {
  it('are none that execute where they stand, on pages of every kind', async () => {
    const { app } = createTestApp({
      pages: {
        '/': { default: () => <p>x</p> },
        '/ssr': { default: () => <p>x</p>, getServerSideProps: () => ({ props: {} }) },
        '/isr': { default: () => <p>x</p>, getStaticProps: () => ({ props: {} }) },
        '/shell/[slug]': {
          default: () => <p>x</p>,
          getStaticPaths: () => ({ paths: [], fallback: true }),
          getStaticProps: () => ({ props: {} }),
        },
        '/nf': { default: () => <p>x</p>, getServerSideProps: () => ({ notFound: true }) },
        '/boom': {
          default: () => <p>x</p>,
          getServerSideProps: () => {
            throw new Error('boom')
          },
        },
      },
    })
    const { ask } = await serve(app)
    const paths = ['/', '/ssr', '/isr', '/shell/a', '/nf', '/boom']
    const parsed = await parse(await Promise.all(paths.map(async (path) => (await ask(path)).body)))
    for (const [n, { scripts }] of parsed.entries()) {
      const executable = scripts.filter(
        ({ attributes }) => attributes['type'] !== 'application/json' && attributes['src'] === undefined,
      )
      expect([paths[n], executable]).toEqual([paths[n], []])
    }
  })
})
