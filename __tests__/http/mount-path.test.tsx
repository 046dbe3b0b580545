import { Router } from 'express'
import type { GetServerSidePropsContext } from 'pagepress'
import { Link, useRouter } from 'pagepress/react'
import { createTestApp, type TestAppOptions } from 'pagepress/testing'
import { expressVersions } from '../support/express.js'
import { failOnConsole } from '../support/console.js'
import { readPayload, readRoot } from '../support/page-data.js'
import { serve, stopServers } from '../support/serve.js'

failOnConsole()
afterEach(stopServers)

function Where() {
  const { pathname, asPath, basePath } = useRouter()
  return (
    <p>
      {pathname} {asPath} {basePath || 'none'} <Link href="/docs/x?a=1">link</Link>
    </p>
  )
}

const pages = {
  '/': { default: Where },
  '/docs/x': { default: Where, getStaticProps: () => ({ props: { link: '/docs/x' }, revalidate: 10 }) },
  '/server': {
    default: Where,
    getServerSideProps: ({ resolvedUrl }: GetServerSidePropsContext) => ({ props: { resolvedUrl } }),
  },
}

describe.each(expressVersions)('a site mounted at /docs on %s', (_name, createApp) => {
  const start = (more: Partial<TestAppOptions> = {}) =>
    serve(createTestApp({ pages, mount: '/docs', createApp, ...more }).app)

  it('has its root page there, and nothing outside of it [1.41]', async () => {
    const { ask } = await start()

    expect((await ask('/docs')).status).toBe(200)
    expect(await ask('/docs/')).toMatchObject({ status: 308, headers: { location: '/docs' } })
    expect(await ask('/docs/?a=1')).toMatchObject({ status: 308, headers: { location: '/docs?a=1' } })
    expect((await ask('/')).status).toBe(404)
    expect((await ask('/docsextra')).status).toBe(404)
    expect((await ask('/server')).status).toBe(404)
  })

  it('has its root page at /docs/ with trailingSlash', async () => {
    const { ask } = await start({ config: { trailingSlash: true } })

    expect((await ask('/docs/')).status).toBe(200)
    expect(await ask('/docs')).toMatchObject({ status: 308, headers: { location: '/docs/' } })
  })

  it('shows pages their paths without the mount, which router.basePath holds [1.42]', async () => {
    const { ask } = await start()

    const html = readRoot((await ask('/docs/server?b=2')).body)
    expect(html.replaceAll('<!-- -->', '')).toBe(
      '<p>/server /server?b=2 /docs <a href="/docs/docs/x?a=1">link</a></p>',
    )
    expect(JSON.parse((await ask('/docs/_data/server.json?b=2')).body)).toEqual({
      pageProps: { resolvedUrl: '/server?b=2' },
    })
    const cached = await ask('/docs/docs/x')
    expect(readRoot(cached.body).replaceAll('<!-- -->', '')).toBe(
      '<p>/docs/x /docs/x /docs <a href="/docs/docs/x?a=1">link</a></p>',
    )
    expect(readPayload(cached.body)).toMatchObject({ basePath: '/docs', page: '/docs/x', query: {} })
  })

  it('serves a page folder of the same name below it [1.43]', async () => {
    const { ask } = await start()

    expect((await ask('/docs/docs/x')).status).toBe(200)
    expect((await ask('/docs/x')).status).toBe(404)
  })

  it('leaves req.url and req.baseUrl as they were to what comes after [1.44]', async () => {
    const { ask } = await start({
      after: (app) => app.use((req, res) => void res.json([req.url, req.baseUrl, req.originalUrl])),
    })

    for (const path of ['/docs/missing?a=1', '/docs/_data/missing.json', '/docs/a//b', '/other'])
      expect(JSON.parse((await ask(path)).body)).toEqual([path, '', path])
  })

  it('redirects inside of the mount', async () => {
    const { ask } = await start()

    expect(await ask('/docs/server/?a=1')).toMatchObject({
      status: 308,
      headers: { location: '/docs/server?a=1' },
    })
  })

  it('is the same page at two mounts, each with its own links', async () => {
    let calls = 0
    const test = createTestApp({
      pages: {
        '/': { default: Where, getStaticProps: () => ({ props: { calls: ++calls }, revalidate: 10 }) },
      },
      mount: '/a',
      createApp,
      after: (app, site) => app.use('/b', site),
    })
    const { ask } = await serve(test.app)

    const [a, b] = [await ask('/a'), await ask('/b')]
    expect(readRoot(a.body)).toContain('href="/a/docs/x?a=1"')
    expect(readRoot(b.body)).toContain('href="/b/docs/x?a=1"')
    expect(readPayload(b.body)).toMatchObject({ basePath: '/b' })
    // A refresh reaches both.
    await test.site.revalidate('/')
    const latest = calls
    for (const mount of ['/a', '/b'])
      expect(readPayload((await ask(mount)).body).props.pageProps).toEqual({ calls: latest })
  })

  it('can stand in a router, and below a mount with a parameter', async () => {
    const { ask } = await serve(
      createTestApp({
        pages,
        mount: '/unused',
        createApp,
        after(app, site) {
          const router = Router()
          router.use('/inner', site)
          app.use('/outer', router as never)
          app.use('/tenant/:name', site)
        },
      }).app,
    )

    expect(readPayload((await ask('/outer/inner/server')).body)['basePath']).toBe('/outer/inner')
    expect(readPayload((await ask('/tenant/ann/docs/x')).body)['basePath']).toBe('/tenant/ann')
    expect(readPayload((await ask('/tenant/ben/docs/x')).body)['basePath']).toBe('/tenant/ben')
  })
})
