import request from 'supertest'
import type { ApiRequest, ApiResponse, PageContext } from 'pagepress'
import { createTestApp } from 'pagepress/testing'
import { emptyStore, type CacheStore } from '../../lib/cache/store.js'
import { failOnConsole } from '../support/console.js'
import { readPayload } from '../support/page-data.js'

failOnConsole()

const Show = (props: object) => <p>{JSON.stringify(props)}</p>

describe('res.revalidate with unstable_onlyGenerated', () => {
  it('leaves a page alone that was never produced, and refreshes one that was [7.30]', async () => {
    let calls = 0
    const { app } = createTestApp({
      pages: {
        '/p': { default: Show, getStaticProps: () => ({ props: { call: ++calls } }) },
        '/api/refresh': {
          default: async (_req: ApiRequest, res: ApiResponse) => {
            await res.revalidate('/p', { unstable_onlyGenerated: true })
            res.end()
          },
        },
      },
    })
    const refresh = () => request(app).get('/api/refresh').expect(200)

    await refresh()
    expect(calls).toBe(0)
    const first = await request(app).get('/p').expect(200)
    expect(first.headers['cache-status']).toBe('pagepress; fwd=uri-miss; stored')
    await refresh()
    expect(calls).toBe(2)
    const second = await request(app).get('/p').expect(200)
    expect(readPayload(second.text).props.pageProps).toEqual({ call: 2 })
    expect(second.headers['cache-status']).toBe('pagepress; hit')
  })
})

describe('Cache-Control of _app', () => {
  it('is not that of a static page, but may be that of a server page [7.22]', async () => {
    const App = ({ Component, pageProps }: { Component: typeof Show; pageProps: object }) => (
      <Component {...pageProps} />
    )
    App.getInitialProps = ({ ctx }: { ctx: PageContext }) => {
      ctx.res?.setHeader('Cache-Control', 'public, max-age=600')
      return { pageProps: {} }
    }
    const { app } = createTestApp({
      pages: {
        '/_app': { default: App },
        '/static': { default: Show, getStaticProps: () => ({ props: {}, revalidate: 10 }) },
        '/server': { default: Show, getServerSideProps: () => ({ props: {} }) },
      },
      now: () => 0,
    })

    for (const path of ['/static', '/_data/static.json'])
      expect((await request(app).get(path).expect(200)).headers['cache-control']).toBe(
        's-maxage=10, stale-while-revalidate=31535990',
      )
    for (const path of ['/server', '/_data/server.json'])
      expect((await request(app).get(path).expect(200)).headers['cache-control']).toBe('public, max-age=600')
  })
})

describe('a store of the app', () => {
  it('is asked and told by canonical path, and not told of a page that failed [7.23]', async () => {
    const calls: string[] = []
    const entries = new Map<string, Awaited<ReturnType<CacheStore['get']>>>()
    const store: CacheStore = {
      ...emptyStore,
      get: async (key) => (calls.push(`get ${key}`), entries.get(key)),
      set: async (key, entry) => {
        calls.push(`set ${key}`)
        entries.set(key, entry)
      },
    }
    const { app, errors, settled } = createTestApp({
      pages: {
        '/blog/[slug]': {
          default: Show,
          getStaticPaths: () => ({ paths: [], fallback: 'blocking' }),
          getStaticProps: ({ params }: { params: { slug: string } }) => {
            if (params.slug === 'broken') throw new Error('broken')
            return { props: params }
          },
        },
      },
      mount: '/shop',
      store,
    })
    const visit = async (path: string, status: number) => {
      calls.length = 0
      await request(app).get(path).redirects(0).expect(status)
      await settled()
      return calls.filter((call) => /^(get|set) \//.test(call))
    }

    expect(await visit('/shop/blog/a%20b?x=1', 200)).toEqual(['get /blog/a%20b', 'set /blog/a%20b'])
    expect(await visit('/shop/_data/blog/c.json', 200)).toEqual(['get /blog/c', 'set /blog/c'])
    expect(await visit('/shop/blog/%61', 308)).toEqual([])
    expect(await visit('/shop/blog/broken', 500)).toEqual(['get /blog/broken'])
    expect(errors).toEqual([new Error('broken')])
  })
})
