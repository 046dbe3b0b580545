import { useRouter } from 'pagepress/react'
import { createTestApp, type MemoryPages } from 'pagepress/testing'
import { createClock } from '../support/clock.js'
import { failOnConsole } from '../support/console.js'
import { readPayload, readRoot } from '../support/page-data.js'
import { serve, stopServers } from '../support/serve.js'

failOnConsole()
afterEach(stopServers)

/** A site whose 404 page is this component, at a path that is no page, and at `/gone`, which a static page gives up. */
function createApp(NotFound: () => unknown, more: MemoryPages = {}) {
  const clock = createClock()
  const { app } = createTestApp({
    pages: {
      '/404': { default: NotFound },
      '/gone': { default: () => null, getStaticProps: () => ({ notFound: true, revalidate: 5 }) },
      ...more,
    },
    options: { fallthrough: false },
    now: clock.now,
  })
  return { app, clock }
}

function ShowUrl() {
  const { pathname, asPath, query, isReady } = useRouter()
  return <p>{JSON.stringify([pathname, asPath, query, isReady])}</p>
}

const CHARACTERS: Record<string, string> = { quot: '"', amp: '&', lt: '<', gt: '>' }
const shownIn = (html: string) => {
  const text = /<p>(.*)<\/p>/.exec(readRoot(html))![1]!
  return JSON.parse(text.replaceAll(/&(quot|amp|lt|gt);/g, (_, name: string) => CHARACTERS[name]!)) as unknown
}

describe('a 404 page that shows its URL', () => {
  it('is rendered with the URL that was asked for [9.06]', async () => {
    const { ask } = await serve(createApp(ShowUrl).app)
    for (const [path, query] of [
      ['/nowhere', {}],
      ['/no/where?a=1&a=2&b', { a: ['1', '2'], b: '' }],
      ['/other?x=%3Cscript%3E', { x: '<script>' }],
    ] as const) {
      const { status, body } = await ask(path)
      expect([status, shownIn(body)]).toEqual([404, ['/404', path, query, true]])
      expect(readPayload(body)).toMatchObject({ page: '/404', query })
    }
  })

  it('is told of no query where shared caches keep the answer for the path', async () => {
    const { ask } = await serve(createApp(ShowUrl).app)
    const { headers, body } = await ask('/gone?x=evil')
    expect(headers['cache-control']).toContain('s-maxage')
    expect(shownIn(body)).toEqual(['/404', '/gone', {}, true])
    expect(body).not.toContain('evil')
  })

  it('gets its data once for all URLs', async () => {
    let calls = 0
    const { app } = createApp(() => null, {
      '/404': {
        default: function Page({ call }: { call: number }) {
          return <p>{`${call} ${useRouter().asPath}`}</p>
        },
        getStaticProps: () => ({ props: { call: ++calls } }),
      },
    })
    const { ask } = await serve(app)
    for (const path of ['/a', '/b?c=1', '/gone']) {
      const { body } = await ask(path)
      expect(readRoot(body)).toContain(`<p>1 ${path}</p>`)
      expect(readPayload(body)).toMatchObject({ gsp: true, props: { pageProps: { call: 1 } } })
    }
    expect(calls).toBe(1)
  })

  it('shows it through `_app`, and on the built-in page', async () => {
    const { app } = createTestApp({
      pages: {
        '/_app': {
          default: ({ Component, pageProps, router }: any) => (
            <main id={router.asPath}>
              <Component {...pageProps} />
            </main>
          ),
        },
      },
      options: { fallthrough: false },
    })
    const { ask } = await serve(app)
    for (const path of ['/a', '/b']) {
      const { body } = await ask(path)
      expect(readRoot(body)).toContain(`<main id="${path}">`)
      expect(body).toContain('This page could not be found')
    }
  })

  it('cannot be made to say anything but text', async () => {
    const { ask } = await serve(createApp(() => <p>{useRouter().asPath}</p>).app)
    const { body } = await ask('/%3Cimg%20src=x%3E"\'?</script><script>alert(1)</script>')
    expect(body).not.toContain('<script>alert')
    expect(readRoot(body)).not.toContain('"\'')
  })
})

describe('a 404 page that shows nothing of its URL', () => {
  it('is rendered once for all, however many ask', async () => {
    let renders = 0
    const { ask } = await serve(
      createApp(function Quiet() {
        renders++
        return <p>{useRouter().pathname}</p>
      }).app,
    )
    const bodies = new Set<string>()
    for (let n = 0; n < 20; n++) bodies.add((await ask(`/nowhere/${n}?n=${n}`)).body)
    expect(bodies.size).toBe(1)
    // Once for the page that is kept, and once to see whether it asks for its URL.
    expect(renders).toBe(2)
  })
})
