import type { ComponentType } from 'react'
import request from 'supertest'
import type { AppContext, AppProps, PageContext } from 'pagepress'
import { createTestApp, type MemoryPages } from 'pagepress/testing'
import { App as BaseApp } from 'pagepress/app'
import { failOnConsole } from '../support/console.js'
import { readPayload, readRoot } from '../support/page-data.js'

failOnConsole()

const Show = (props: object) => <p>{Object.keys(props).sort().join()}</p>
const staticProps = () => ({ props: { fromPage: 1, both: 'page' } })

/** An `_app` with this `getInitialProps`. */
function appWith(getInitialProps: (context: AppContext) => unknown) {
  const App = ({ Component, pageProps, ...rest }: AppProps) => (
    <main data-keys={Object.keys(rest).sort().join()}>
      <Component {...pageProps} />
    </main>
  )
  return { default: Object.assign(App, { getInitialProps }) }
}

describe('a custom _app', () => {
  it('gets Component, pageProps, router and what its getInitialProps returned [8.31]', async () => {
    const { app } = createTestApp({
      pages: {
        '/': { default: Show, getStaticProps: staticProps },
        '/_app': appWith(() => ({ pageProps: {}, theme: 'dark' })),
      },
    })

    const { text } = await request(app).get('/').expect(200)

    expect(readRoot(text)).toBe('<main data-keys="router,theme"><p>both,fromPage</p></main>')
    expect(readPayload(text).props).toEqual({ pageProps: { fromPage: 1, both: 'page' }, theme: 'dark' })
  })

  it.each(['router', 'Component'])('may not return %s [8.31]', async (key) => {
    const { app, errors } = createTestApp({
      pages: { '/': { default: Show }, '/_app': appWith(() => ({ pageProps: {}, [key]: 1 })) },
    })

    await request(app).get('/').expect(500)
    expect(String(errors[0])).toMatch(new RegExp(`pages/_app.*\`${key}\``))
  })

  it.each([undefined, null, 'text'])('must resolve to an object, not %p', async (result) => {
    const { app, errors } = createTestApp({
      pages: { '/': { default: Show }, '/_app': appWith(() => result) },
    })

    await request(app).get('/').expect(500)
    expect(String(errors[0])).toMatch(/`App.getInitialProps\(\)` of `pages\/_app` must resolve to an object/)
  })

  it('with getInitialProps makes pages without data per-request, and leaves static ones static [3.30][8.32]', async () => {
    let calls = 0
    const { app } = createTestApp({
      pages: {
        '/plain': { default: Show },
        '/static': { default: Show, getStaticProps: staticProps },
        '/_app': appWith(() => ({ pageProps: { both: 'app', call: ++calls } })),
      },
    })
    const read = async (path: string) => {
      const { text, headers } = await request(app).get(path).expect(200)
      return [readPayload(text).props.pageProps, headers['cache-status']]
    }

    expect(await read('/plain')).toEqual([{ both: 'app', call: 1 }, 'pagepress; fwd=bypass'])
    expect(await read('/plain')).toEqual([{ both: 'app', call: 2 }, 'pagepress; fwd=bypass'])
    const props = { both: 'page', call: 3, fromPage: 1 }
    expect(await read('/static')).toEqual([props, 'pagepress; fwd=uri-miss; stored'])
    expect(await read('/static')).toEqual([props, 'pagepress; hit'])
  })

  it('is merged with getServerSideProps, which wins; its other keys stay beside pageProps [2.18]', async () => {
    const { app } = createTestApp({
      pages: {
        '/': { default: Show, getServerSideProps: () => ({ props: { both: 'page', mine: 1 } }) },
        '/_app': appWith(() => ({ pageProps: { both: 'app', theirs: 2 }, extra: 3 })),
      },
    })

    const { body } = await request(app).get('/_data/index.json').expect(200)

    expect(body).toEqual({ pageProps: { both: 'page', theirs: 2, mine: 1 }, extra: 3 })
  })

  it('may be the class of pagepress/app, which passes the page its own', async () => {
    class MyApp extends BaseApp {}
    const Page = Object.assign((props: object) => <Show {...props} />, {
      getInitialProps: ({ pathname }: PageContext) => ({ pathname }),
    })
    const { app } = createTestApp({ pages: { '/p': { default: Page }, '/_app': { default: MyApp } } })

    expect(readPayload((await request(app).get('/p').expect(200)).text).props).toEqual({
      pageProps: { pathname: '/p' },
    })
  })

  it('hands a prop named url to a page like any other [2.19]', async () => {
    const Page = ({ url }: { url: string }) => <p>{url}</p>
    const { app } = createTestApp({
      pages: {
        '/a': { default: Page, getStaticProps: () => ({ props: { url: 'mine' } }) },
        '/b': { default: Page, getServerSideProps: () => ({ props: { url: 'mine' } }) },
      },
    })

    for (const path of ['/a', '/b']) expect(readRoot((await request(app).get(path)).text)).toBe('<p>mine</p>')
  })

  it('that fails is answered with the bare status, for its error page fails as well [13.14]', async () => {
    const App = () => {
      throw new Error('in _app')
    }
    const { app } = createTestApp({ pages: { '/': { default: Show }, '/_app': { default: App } } })

    const { text } = await request(app).get('/').expect(500)
    expect(text).toBe('500')
    await request(app).get('/missing').expect(404)
  })

  it('finds getLayout and other static properties of a page [3.31]', async () => {
    type WithLayout = ComponentType & { getLayout?: (page: React.ReactNode) => React.ReactNode }
    const App = ({ Component, pageProps }: { Component: WithLayout; pageProps: object }) => {
      const wrap = Component.getLayout ?? ((page) => page)
      return <>{wrap(<Component {...pageProps} />)}</>
    }
    const Page = Object.assign(() => <p>page</p>, {
      getLayout: (page: React.ReactNode) => <section>{page}</section>,
    })
    const { app } = createTestApp({
      pages: { '/': { default: Page, getStaticProps: () => ({ props: {} }) }, '/_app': { default: App } },
    })

    expect(readRoot((await request(app).get('/')).text)).toBe('<section><p>page</p></section>')
  })
})

describe('the flags of the payload', () => {
  const Initial = Object.assign(() => null, { getInitialProps: () => ({ a: 1 }) })
  const blank = () => null
  const flags = ['gsp', 'gssp', 'gip', 'appGip', 'autoExport', 'nextExport', 'isPreview', 'err']
  const pages: MemoryPages = {
    '/static': { default: blank, getStaticProps: () => ({ props: {} }) },
    '/server': { default: blank, getServerSideProps: () => ({ props: {} }) },
    '/initial': { default: Initial },
    '/plain': { default: blank },
  }

  it('say what kind of page it is, and nothing that it is not [8.03][8.04][8.05]', async () => {
    const plain = createTestApp({ pages })
    const wrapped = createTestApp({ pages: { ...pages, '/_app': appWith(() => ({ pageProps: {} })) } })
    const flagsOf = async ({ app }: typeof plain, path: string) => {
      const payload = readPayload((await request(app).get(path).expect(200)).text)
      expect(Object.keys(payload).filter((key) => !flags.includes(key))).toEqual([
        'props',
        'page',
        'query',
        'buildId',
        'isFallback',
      ])
      return Object.fromEntries(flags.filter((flag) => flag in payload).map((flag) => [flag, payload[flag]]))
    }

    expect(await flagsOf(plain, '/static')).toEqual({ gsp: true })
    expect(await flagsOf(plain, '/server')).toEqual({ gssp: true })
    expect(await flagsOf(plain, '/initial')).toEqual({ gip: true })
    expect(await flagsOf(plain, '/plain')).toEqual({ autoExport: true, nextExport: true })
    expect(await flagsOf(wrapped, '/static')).toEqual({ gsp: true, appGip: true })
    expect(await flagsOf(wrapped, '/plain')).toEqual({ appGip: true })
  })

  it('come with params alone in the query of a page without a request [8.07]', async () => {
    const { app } = createTestApp({
      pages: {
        ...pages,
        '/p/[id]': {
          default: blank,
          getStaticPaths: () => ({ paths: [], fallback: 'blocking' }),
          getStaticProps: () => ({ props: {} }),
        },
      },
    })
    const queryOf = async (path: string) => readPayload((await request(app).get(path)).text).query

    expect(await queryOf('/plain?a=1')).toEqual({})
    expect(await queryOf('/static?a=1')).toEqual({})
    expect(await queryOf('/p/7?a=1')).toEqual({ id: '7' })
    expect(await queryOf('/server?a=1')).toEqual({ a: '1' })
  })
})
