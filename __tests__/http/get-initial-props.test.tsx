import request from 'supertest'
import type { PageContext } from 'pagepress'
import { createTestApp } from 'pagepress/testing'
import { failOnConsole } from '../support/console.js'
import { readPayload, readRoot } from '../support/page-data.js'

failOnConsole()

/** A page at `/p` with this `getInitialProps`. */
function createApp(getInitialProps: (context: PageContext) => unknown) {
  const Page = Object.assign((props: object) => <p>{JSON.stringify(props)}</p>, { getInitialProps })
  return createTestApp({ pages: { '/p/[id]': { default: Page } } })
}

describe('getInitialProps of a page', () => {
  it('gets the request and where it is, for every request', async () => {
    const keys: string[][] = []
    const { app } = createApp(({ req, res, ...context }) => {
      keys.push(Object.keys({ req, res, ...context }).sort())
      return { asPath: context.asPath, pathname: context.pathname, query: context.query, method: req?.method }
    })

    const { text, headers } = await request(app).get('/p/1?a=2').expect(200)
    await request(app).get('/p/2').expect(200)

    expect(keys).toHaveLength(2)
    expect(keys[0]).toEqual(['AppTree', 'asPath', 'pathname', 'query', 'req', 'res'])
    expect(readPayload(text).props.pageProps).toEqual({
      asPath: '/p/1?a=2',
      pathname: '/p/[id]',
      query: { id: '1', a: '2' },
      method: 'GET',
    })
    expect(headers['cache-control']).toContain('private')
  })

  it.each([null, undefined, 'text', 5])('must resolve to an object, not %p [8.36]', async (result) => {
    const { app, errors } = createApp(() => result)

    await request(app).get('/p/1').expect(500)
    expect(String(errors[0])).toMatch(/getInitialProps.*must resolve to an object/)
    expect(String(errors[0])).toContain(String(result))
  })

  it('may not be an instance method [8.36]', async () => {
    const { Component } = await import('react')
    class Page extends Component {
      getInitialProps() {
        return {}
      }
      override render() {
        return null
      }
    }
    const { app, errors } = createTestApp({ pages: { '/p': { default: Page } } })

    await request(app).get('/p').expect(500)
    expect(String(errors[0])).toMatch(/`pages\/p\.tsx`.*`getInitialProps` as an instance method.*static/)
  })

  it('may answer the request itself: nothing is written after that [8.37]', async () => {
    const { app, errors } = createApp(({ res }) => {
      res!.writeHead(302, { Location: '/elsewhere' }).end()
      return {}
    })

    await request(app).get('/p/1').expect(302).expect('Location', '/elsewhere')
    expect(errors).toEqual([])
  })

  it('may begin an answer and end it later: nothing comes in between', async () => {
    const { app, errors } = createApp(({ res }) => {
      res!.write('one ')
      setTimeout(() => res!.end('two'), 20)
    })

    expect((await request(app).get('/p/1').buffer().expect(200)).text).toBe('one two')
    expect(errors).toEqual([])
  })

  it('keeps the status and the Content-Type that it sets [1.49]', async () => {
    const { app } = createApp(({ res }) => {
      res!.statusCode = 202
      res!.setHeader('Content-Type', 'text/html; charset=iso-8859-1')
      return { a: 1 }
    })

    const { status, headers, text } = await request(app).get('/p/1')

    expect([status, headers['content-type']]).toEqual([202, 'text/html; charset=iso-8859-1'])
    expect(readRoot(text)).toContain('&quot;a&quot;:1')
  })

  it('has no data URL: the browser runs it itself', async () => {
    const { app } = createApp(() => ({ a: 1 }))

    const { body } = await request(app).get('/_data/p/1.json').expect(404)
    expect(body).not.toEqual({ notFound: true })
  })
})
