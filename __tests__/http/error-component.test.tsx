import type { ReactNode } from 'react'
import request from 'supertest'
import type { GetServerSidePropsContext, PageContext } from 'pagepress'
import { ErrorPage } from 'pagepress/react'
import NextError from 'pagepress/next/error'
import { createTestApp, type MemoryPages } from 'pagepress/testing'
import { failOnConsole, takeConsole } from '../support/console.js'
import { readPayload, readRoot } from '../support/page-data.js'
import { serve, stopServers } from '../support/serve.js'

failOnConsole()
afterEach(stopServers)

const DYN = 'private, no-cache, no-store, max-age=0, must-revalidate'
const blank = () => null
const broken = Object.assign(new Error('secret reason'), { statusCode: 418 })

function fail(): never {
  throw broken
}

const titleOf = (html: string) => /<title[^>]*>(.*?)<\/title>/.exec(html)?.[1]

/** An `_error` that shows its status, and what its `getInitialProps` was given. */
function createErrorPage() {
  const contexts: PageContext[] = []
  const Page = ({ statusCode }: { statusCode?: number }) => <h1>own {statusCode}</h1>
  const getInitialProps = (context: PageContext) => {
    contexts.push(context)
    return { statusCode: context.res?.statusCode ?? context.err?.statusCode ?? 404 }
  }
  return { module: { default: Object.assign(Page, { getInitialProps }) }, contexts }
}

describe('the built-in error page', () => {
  const { app } = createTestApp({
    pages: {
      '/fails': { default: fail },
      '/static': { default: blank },
      '/[...all]': { default: blank, getServerSideProps: () => ({ props: {} }) },
      '/slow': { default: blank, getServerSideProps: () => new Promise(() => {}) },
    },
    options: { fallthrough: false, limits: { timeoutMs: 20 } },
  })

  it.each([
    ['GET', '/a//..//b', 404, 'This page could not be found'],
    ['GET', '/fails', 500, 'Internal Server Error'],
    ['GET', '/%', 400, 'Bad Request'],
    ['POST', '/static', 405, 'Method Not Allowed'],
    ['GET', '/slow', 504, 'An unexpected error has occurred'],
  ])('to %s %s says %i: %s [13.01][13.02][13.03][13.17]', async (method, path, status, text) => {
    const { ask } = await serve(app)

    const answer = await ask(path, { method })

    expect(answer.status).toBe(status)
    expect(titleOf(answer.body)).toBe(`${status}: ${text}`)
    expect(readRoot(answer.body)).toContain(`<h1>${status}</h1>`)
    expect(readRoot(answer.body)).toContain(text)
    expect(answer.body).not.toMatch(/secret|\.tsx|node_modules/)
    expect(answer.headers['cache-control']).toBe(DYN)
    expect(answer.headers).not.toHaveProperty('cache-status')
  })

  it('is a component for pages, which keep the status that they set [13.18]', async () => {
    const page = (element: ReactNode) => ({
      default: () => element,
      getServerSideProps({ res }: GetServerSidePropsContext) {
        res.statusCode = 410
        return { props: {} }
      },
    })
    const { app } = createTestApp({
      pages: {
        '/gone': page(<ErrorPage statusCode={410} title="Gone" />),
        '/light': page(<NextError statusCode={410} title="Gone" withDarkMode={false} />),
      },
    })

    const gone = await request(app).get('/gone').expect(410)
    const light = await request(app).get('/light').expect(410)

    for (const { text } of [gone, light]) {
      expect(readRoot(text)).toContain('<h1>410</h1>')
      expect(readRoot(text)).toContain('Gone')
    }
    // The style sheet's media query spares the class.
    expect(gone.text).not.toContain('pagepress-light')
    expect(light.text).toContain('class="pagepress-error pagepress-light"')
  })
})

describe('pages/_error', () => {
  it('gets the request, where it is, and the real error on the server [13.08][13.11]', async () => {
    const { module, contexts } = createErrorPage()
    const { app } = createTestApp({
      pages: { '/fails': { default: blank, getServerSideProps: fail }, '/_error': module },
      options: { fallthrough: false },
    })

    const failed = await request(app).get('/fails?a=1').expect(500)
    const missing = await request(app).get('/missing?b=2').expect(404)

    expect(readRoot(failed.text)).toBe('<h1>own <!-- -->500</h1>')
    expect(readRoot(missing.text)).toBe('<h1>own <!-- -->404</h1>')
    expect(contexts).toHaveLength(2)
    expect(contexts[0]).toMatchObject({ pathname: '/_error', asPath: '/fails?a=1', query: { a: '1' } })
    expect(contexts[0]!.err).toBe(broken)
    expect(contexts[1]!.err).toBeUndefined()
    for (const { req, res } of contexts) expect([typeof req, typeof res]).toEqual(['object', 'object'])
    expect(failed.text).not.toContain('secret')
  })

  it('may have getServerSideProps, which runs for every error [13.11][2.40]', async () => {
    let calls = 0
    const { app } = createTestApp({
      pages: {
        '/fails': { default: fail },
        '/_error': {
          default: ({ call }: { call: number }) => <h1>{call}</h1>,
          getServerSideProps: () => ({ props: { call: ++calls } }),
        },
      },
      options: { fallthrough: false },
    })

    expect(readRoot((await request(app).get('/fails').expect(500)).text)).toBe('<h1>1</h1>')
    expect(readRoot((await request(app).get('/missing').expect(404)).text)).toBe('<h1>2</h1>')
  })

  it('is for what neither pages/404 nor pages/500 is for [13.09]', async () => {
    const { module } = createErrorPage()
    const { app } = createTestApp({
      pages: {
        '/fails': { default: fail },
        '/static': { default: blank },
        '/[...all]': {
          default: blank,
          getStaticPaths: () => ({ paths: [], fallback: false }),
          getStaticProps: () => ({ props: {} }),
        },
        '/_error': module,
        '/404': { default: () => <h1>four</h1> },
        '/500': { default: () => <h1>five</h1> },
      },
      options: { fallthrough: false },
    })
    const { ask } = await serve(app)
    const shown = async (path: string, method = 'GET') => readRoot((await ask(path, { method })).body)

    expect(await shown('/missing')).toBe('<h1>four</h1>')
    expect(await shown('/fails')).toBe('<h1>five</h1>')
    expect(await shown('/%')).toBe('<h1>own <!-- -->400</h1>')
    expect(await shown('/static', 'POST')).toBe('<h1>own <!-- -->405</h1>')
  })
})

describe('the pages 404 and 500', () => {
  const counted = (calls: string[], name: string) => ({
    default: ({ call }: { call?: number }) => (
      <h1>
        {name} {call}
      </h1>
    ),
    getStaticProps: () => ({ props: { call: calls.push(name) } }),
  })

  it('may have getStaticProps, once for all errors, and no function per request [13.06]', async () => {
    const calls: string[] = []
    const { app } = createTestApp({
      pages: { '/fails': { default: fail }, '/404': counted(calls, '404'), '/500': counted(calls, '500') },
      options: { fallthrough: false },
    })
    for (const path of ['/x', '/y', '/fails', '/fails']) await request(app).get(path)
    expect(calls).toEqual(['404', '500'])

    for (const route of ['/404', '/500'])
      for (const exports of [
        { default: blank, getServerSideProps: () => ({ props: {} }) },
        { default: Object.assign(() => null, { getInitialProps: () => ({}) }) },
      ]) {
        const test = createTestApp({
          pages: { '/fails': { default: fail }, [route]: exports },
          options: { fallthrough: false },
        })
        await request(test.app)
          .get(route === '/404' ? '/missing' : '/fails')
          .expect(500)
        expect(test.errors.map(String).join()).toMatch(
          new RegExp(`\`pages${route}\\.tsx\` has .*can not use`),
        )
      }
  })

  it('are not static with getInitialProps in _app, unless they have getStaticProps; their status is right [13.10]', async () => {
    const calls: string[] = []
    let renders = 0
    const App = ({ Component, pageProps }: { Component: typeof blank; pageProps: object }) => (
      <Component {...pageProps} />
    )
    const pages: MemoryPages = {
      '/fails': { default: fail },
      '/_app': {
        default: Object.assign(App, { getInitialProps: () => ({ pageProps: { renders: ++renders } }) }),
      },
      '/500': { default: ({ renders }: { renders: number }) => <h1>{renders}</h1> },
      '/404': counted(calls, '404'),
    }
    const { app } = createTestApp({ pages, options: { fallthrough: false } })

    const first = await request(app).get('/fails').expect(500)
    const second = await request(app).get('/fails').expect(500)
    await request(app).get('/missing').expect(404)
    await request(app).get('/other').expect(404)

    expect(readRoot(second.text)).not.toBe(readRoot(first.text))
    expect(calls).toEqual(['404'])
  })

  it('are named in the page data [13.20]', async () => {
    const pageOf = async (more: MemoryPages) => {
      const { app } = createTestApp({
        pages: { '/': { default: blank }, ...more },
        options: { fallthrough: false },
      })
      const { page, query } = readPayload((await request(app).get('/missing?a=1').expect(404)).text)
      return { page, query }
    }

    expect(await pageOf({ '/404': { default: blank } })).toEqual({ page: '/404', query: {} })
    expect(await pageOf({ '/_error': createErrorPage().module })).toEqual({
      page: '/_error',
      query: { a: '1' },
    })
  })

  it('share one body among all who are lost, and tell no cache of a hit [13.22]', async () => {
    const { app } = createTestApp({
      pages: { '/': { default: blank }, '/404': { default: () => <h1>Lost</h1> } },
      options: { fallthrough: false },
    })

    const answers = [await request(app).get('/x'), await request(app).get('/y')]

    for (const { headers, text } of answers) {
      expect(headers['cache-control']).toBe(DYN)
      expect(headers).not.toHaveProperty('cache-status')
      expect(text).toBe(answers[0]!.text)
    }
  })
})

describe('what a page throws', () => {
  it('while it renders leaves nothing of the page in the answer [13.12][13.13]', async () => {
    const Half = () => (
      <>
        <h1>half</h1>
        {fail()}
      </>
    )
    const { app } = createTestApp({
      pages: {
        '/half': { default: Half },
        '/err': { default: Half },
        '/404': { default: () => <h1>Lost</h1> },
      },
    })

    for (const path of ['/half', '/err']) {
      const { text } = await request(app).get(path).expect(500)
      expect(text).not.toMatch(/half|Lost/)
      expect(text).toContain('<h1>500</h1>')
    }
  })

  it.each([null, undefined, 'text', 5])(
    'may be %p, in render or in getInitialProps [13.15]',
    async (thrown) => {
      const throwIt = () => {
        throw thrown
      }
      const { app, errors } = createTestApp({
        pages: {
          '/render': { default: throwIt },
          '/initial': { default: Object.assign(() => null, { getInitialProps: throwIt }) },
        },
      })

      for (const path of ['/render', '/initial']) await request(app).get(path).expect(500)
      expect(errors).toEqual([thrown, thrown])
      takeConsole()
    },
  )

  it('with a status of its own is a 500 all the same; errors of other middlewares are left to the app [13.16]', async () => {
    const { app } = createTestApp({
      pages: { '/fails': { default: blank, getServerSideProps: fail } },
      before: (app) =>
        app.get('/theirs', (_req, _res, next) => next(Object.assign(new Error('theirs'), { status: 403 }))),
      after: (app) =>
        app.use(
          ((error: { status?: number }, _req, res, _next) =>
            void res
              .status(error.status ?? 500)
              .send('handled by the app')) as import('express').ErrorRequestHandler,
        ),
    })

    expect((await request(app).get('/fails').expect(500)).text).toContain('Internal Server Error')
    await request(app).get('/theirs').expect(403, 'handled by the app')
  })
})
