import type { ReactNode } from 'react'
import request from 'supertest'
import type { DocumentContext } from 'pagepress'
import DocumentBase, { Head, Html, Main, Scripts } from 'pagepress/document'
import { Head as PageHead } from 'pagepress/react'
import { createTestApp, type MemoryPages, type TestAppOptions } from 'pagepress/testing'
import { failOnConsole, takeConsole } from '../support/console.js'
import { readPayload, readRoot } from '../support/page-data.js'

failOnConsole()

const Page = () => (
  <p>
    <PageHead>
      <title>Mine</title>
    </PageHead>
    page
  </p>
)

const get = async (pages: MemoryPages, more: Partial<TestAppOptions> = {}) =>
  (await request(createTestApp({ pages: { '/': { default: Page }, ...pages }, ...more }).app).get('/')).text

describe('a custom _document', () => {
  it('stands around every page, with its own attributes and tags', async () => {
    const Document = () => (
      <Html lang="nl" data-own="1">
        <Head nonce="n1">
          <link rel="icon" href="/x.svg" />
        </Head>
        <body className="dark">
          <Main />
          <Scripts nonce="n1" />
        </body>
      </Html>
    )

    const html = await get({ '/_document': { default: Document } })

    expect(html).toMatch(/^<!DOCTYPE html><html lang="nl" data-own="1"><head>/)
    expect(html).toContain('<title data-head="">Mine</title>')
    expect(html).toContain('<link rel="icon" href="/x.svg"/>')
    expect(html).toContain('<body class="dark"><div id="__page"><p>page</p></div>')
    expect(readPayload(html).page).toBe('/')
  })

  it('may be a class with getInitialProps, which adds to the result [8.27][8.30]', async () => {
    const contexts: DocumentContext[] = []
    class Document extends DocumentBase {
      static override async getInitialProps(context: DocumentContext) {
        contexts.push(context)
        const initial = await DocumentBase.getInitialProps(context)
        return {
          ...initial,
          head: [...(initial.head ?? []), <meta key="own" name="own" content="1" />],
          styles: <style key="s">{'p{color:red}'}</style>,
        }
      }
    }
    const pages = {
      '/_document': { default: Document },
      '/server': { default: Page, getServerSideProps: () => ({ props: {} }) },
    }

    const html = await get(pages)
    await request(createTestApp({ pages }).app).get('/server?a=1').expect(200)

    const head = html.slice(0, html.indexOf('</head>'))
    expect(head).toContain('<meta name="own" content="1"/>')
    expect(head).toContain('<style>p{color:red}</style>')
    const [forStatic, forServer] = contexts as [DocumentContext, DocumentContext]
    expect(forStatic).toMatchObject({ pathname: '/', query: {}, asPath: '/' })
    expect(forStatic.renderPage).toBeInstanceOf(Function)
    expect(forStatic.defaultGetInitialProps).toBeInstanceOf(Function)
    expect(forStatic.req).toBeUndefined()
    expect(forStatic.res).toBeUndefined()
    expect(forServer).toMatchObject({ pathname: '/server', asPath: '/server?a=1', query: { a: '1' } })
    expect(forServer.req).toBeDefined()
    expect(forServer.res).toBeDefined()
  })

  it('may wrap the page and the app, rendered once [8.28]', async () => {
    let renders = 0
    const Counted = () => {
      renders += 1
      return <p>page</p>
    }
    const wrap = (name: string) => (Inner: React.ComponentType<object>) =>
      function Wrapped(props: object): ReactNode {
        return (
          <div className={name}>
            <Inner {...props} />
          </div>
        )
      }
    const documentWith = (options: Parameters<DocumentContext['renderPage']>[0]) =>
      class extends DocumentBase {
        static override async getInitialProps({ renderPage }: DocumentContext) {
          return renderPage(options)
        }
      }
    const read = async (options: Parameters<DocumentContext['renderPage']>[0]) =>
      readRoot(await get({ '/': { default: Counted }, '/_document': { default: documentWith(options) } }))

    expect(await read(wrap('page'))).toBe('<div class="page"><p>page</p></div>')
    expect(await read({ enhanceApp: wrap('app'), enhanceComponent: wrap('page') })).toBe(
      '<div class="app"><div class="page"><p>page</p></div></div>',
    )
    expect(renders).toBe(2)
  })

  it('must resolve to an object with html [8.29]', async () => {
    class Document extends DocumentBase {
      static override async getInitialProps() {
        return { styles: null } as never
      }
    }
    const { app, errors } = createTestApp({
      pages: { '/': { default: Page }, '/_document': { default: Document } },
    })

    await request(app).get('/').expect(500)
    expect(String(errors[0])).toMatch(/should resolve to an object with an `html` string/)
  })

  it('with a title or a viewport in its `Head`, which belong to pages, is warned of in development alone [8.22]', async () => {
    const Document = () => (
      <Html>
        <Head>
          <>
            <title>Every page</title>
          </>
          <meta name="viewport" content="width=1024" />
          <meta name="theme-color" content="#123456" />
        </Head>
        <body>
          <Main />
          <Scripts />
        </body>
      </Html>
    )

    await get({ '/_document': { default: Document } }, { options: { dev: true } })
    expect(takeConsole()).toEqual([
      expect.stringMatching(
        /`_document` has <title>, <meta name="viewport"> in its <Head>.*pagepress\/react/,
      ),
    ])
    await get({ '/_document': { default: Document } })
    expect(takeConsole()).toEqual([])
  })

  it('that lacks a part is warned of in development alone [8.25]', async () => {
    const Document = () => (
      <Html>
        <body>
          <Main />
        </body>
      </Html>
    )
    const OnlyHead = () => (
      <Html>
        <body>
          <Main />
          <Scripts />
        </body>
      </Html>
    )
    const dev = { options: { dev: true } }

    await get({ '/_document': { default: Document } }, dev)
    expect(takeConsole()).toEqual([expect.stringMatching(/<Head \/>, <Scripts \/>, which are needed/)])
    await get({ '/_document': { default: OnlyHead } }, dev)
    expect(takeConsole()).toEqual([expect.stringMatching(/<Head \/>, which is needed/)])
    await get({ '/_document': { default: Document } })
    expect(takeConsole()).toEqual([])
  })

  it('can carry a nonce of the app for pages rendered per request', async () => {
    class Document extends DocumentBase {
      static override async getInitialProps(context: DocumentContext) {
        const nonce = (context.res as { locals?: { nonce?: string } } | undefined)?.locals?.nonce
        return { ...(await DocumentBase.getInitialProps(context)), nonce }
      }
      override render() {
        const { nonce } = this.props as { nonce?: string }
        return (
          <Html>
            <Head {...(nonce !== undefined && { nonce })} />
            <body data-nonce={nonce}>
              <Main />
              <Scripts {...(nonce !== undefined && { nonce })} />
            </body>
          </Html>
        )
      }
    }
    const { app } = createTestApp({
      pages: {
        '/server': { default: Page, getServerSideProps: () => ({ props: {} }) },
        '/_document': { default: Document },
      },
      before: (app) => app.use((_req, res, next) => ((res.locals['nonce'] = 'abc'), next())),
    })

    expect((await request(app).get('/server').expect(200)).text).toContain('<body data-nonce="abc">')
  })
})
