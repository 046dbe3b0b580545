import { createTestApp, type TestAppOptions } from 'pagepress/testing'
import { expressVersions } from '../support/express.js'
import { failOnConsole } from '../support/console.js'
import { readPayload } from '../support/page-data.js'
import { serve, stopServers } from '../support/serve.js'

failOnConsole()
afterEach(stopServers)

const blank = () => null
const pages = {
  '/': { default: blank },
  '/about': { default: blank },
  '/nav/about': { default: blank },
  '/x.world': { default: blank },
  '/[...all]': { default: blank, getServerSideProps: () => ({ props: {} }) },
  '/api/hello': { default: (_req: unknown, res: { send(text: string): void }) => res.send('api') },
}

describe.each(expressVersions)('on %s', (_name, createApp) => {
  const start = (more: Partial<TestAppOptions> = {}) =>
    serve(createTestApp({ pages, createApp, ...more }).app)

  it.each([
    ['/about/', '/about'],
    ['/about/?a=b%20c&d=%2F', '/about?a=b%20c&d=%2F'],
    ['/about/?', '/about?'],
    ['/a%20b/', '/a%20b'],
    ['/%2fexample.com/', '/%2Fexample.com'],
    ['//about', '/about'],
    ['//a', '/a'],
    ['/a//b', '/a/b'],
    ['/a//b/', '/a/b'],
    ['///a', '/a'],
    ['/\\a', '/a'],
    ['/\\\\a', '/a'],
    ['/a\\b', '/a/b'],
    ['//example.com/', '/example.com'],
  ])('redirects %s to %s [1.35][1.36][1.39]', async (path, location) => {
    const { ask } = await start()

    const answer = await ask(path)

    expect(answer.status).toBe(308)
    expect(answer.headers['location']).toBe(location)
    expect(answer.headers['location']).not.toMatch(/^[/\\]{2}/)
    expect((await ask(location)).status).toBe(200)
  })

  it.each([
    ['/about', '/about/'],
    ['/about?a=1', '/about/?a=1'],
    ['/x.world/', '/x.world'],
    ['/some/x.world/', '/some/x.world'],
    ['/a//b', '/a/b/'],
  ])('redirects %s to %s with trailingSlash [1.37]', async (path, location) => {
    const { ask } = await start({ config: { trailingSlash: true } })

    expect(await ask(path)).toMatchObject({ status: 308, headers: { location } })
    expect((await ask(location)).status).toBe(200)
  })

  it('never touches /.well-known and pages that are spelled right [1.37]', async () => {
    const { ask } = await serve(
      createTestApp({
        pages: { '/': { default: blank }, '/about': { default: blank } },
        config: { trailingSlash: true },
        createApp,
        after: (app) => app.use((req, res) => void res.send(`theirs ${req.url}`)),
      }).app,
    )

    expect(await ask('/.well-known/acme/x')).toMatchObject({
      status: 200,
      body: 'theirs /.well-known/acme/x',
    })
    expect(await ask('/.well-known/acme/x/')).toMatchObject({ body: 'theirs /.well-known/acme/x/' })
    expect((await ask('/about/')).status).toBe(200)
    expect((await ask('/')).status).toBe(200)
  })

  it('redirects no data request, and nothing at all with skipTrailingSlashRedirect [1.38]', async () => {
    const data = await start({ config: { trailingSlash: true } })
    expect((await data.ask('/_data/a.json')).status).toBe(200)

    for (const trailingSlash of [true, false]) {
      const { ask } = await start({ config: { trailingSlash, skipTrailingSlashRedirect: true } })
      expect((await ask('/about')).status).toBe(200)
      expect((await ask('/about/')).status).toBe(200)
    }
  })

  it('leaves what is not ours as it is written', async () => {
    const { ask } = await serve(
      createTestApp({
        pages: { '/about': { default: blank } },
        createApp,
        after: (app) => app.use((req, res) => void res.send(req.url)),
      }).app,
    )

    for (const path of ['/theirs/', '/theirs//x', '/about/theirs/']) {
      expect(await ask(path)).toMatchObject({ status: 200, body: path })
    }
  })

  it('tells paths apart by case, and by index at their end [1.02][1.03][1.11]', async () => {
    const { ask } = await serve(
      createTestApp({
        pages: {
          '/': { default: blank },
          '/about': { default: blank },
          '/nav/about': { default: blank },
          '/nested-index/index': { default: blank },
        },
        createApp,
        options: { fallthrough: false },
      }).app,
    )
    const statusOf = async (path: string) => (await ask(path)).status

    expect(await statusOf('/nav/about')).toBe(200)
    expect(await statusOf('/NaV/aBoUt')).toBe(404)
    expect(await statusOf('/index')).toBe(404)
    expect(await statusOf('/about/index')).toBe(404)
    expect(await statusOf('/nested-index/index')).toBe(200)
    expect(await statusOf('/nested-index/index/index')).toBe(404)
  })

  it('knows a canonical spelling of every path and redirects to it', async () => {
    const { ask } = await start()

    expect(await ask('/%61')).toMatchObject({ status: 308, headers: { location: '/a' } })
    expect(await ask('/%C3%A9')).toMatchObject({ status: 200 })
    expect(await ask('/%c3%a9')).toMatchObject({ status: 308, headers: { location: '/%C3%A9' } })
    expect(readPayload((await ask('/a:b@c')).body).query).toEqual({ all: ['a:b@c'] })
  })
})
