import type { RequestHandler } from 'express'
import request from 'supertest'
import type { GetServerSidePropsContext } from 'pagepress'
import { useRouter } from 'pagepress/react'
import { createTestApp } from 'pagepress/testing'
import { expressVersions } from '../support/express.js'
import { failOnConsole } from '../support/console.js'
import { readPayload } from '../support/page-data.js'

failOnConsole()

function Show(props: object) {
  const { asPath, query, pathname } = useRouter()
  return <p>{JSON.stringify({ ...props, asPath, query, pathname })}</p>
}

/** Sends visitors of one path to a page of another name, as the app's own middlewares may. */
const rewrite: RequestHandler = (req, _res, next) => {
  req.url = req.url.replace(/\/blog-post-1(?=$|\?)/, '/blog/post-1').replace('added', 'added=1&added')
  next()
}

describe.each(expressVersions)(
  'a server page at a URL that the app has rewritten, on %s',
  (_name, createApp) => {
    it.each([[''], ['/shop']])(
      'resolves to the page, and shows the URL of the visitor, mounted at %j [2.06]',
      async (mount) => {
        const seen: string[] = []
        const { app } = createTestApp({
          pages: {
            '/blog/[post]': {
              default: Show,
              getServerSideProps: ({ resolvedUrl }: GetServerSidePropsContext) => (
                seen.push(resolvedUrl),
                { props: {} }
              ),
            },
          },
          createApp,
          mount: mount || '/',
          before: (app) => app.use(rewrite),
        })
        const shown = async (path: string) => {
          const { text } = await request(app)
            .get(mount + path)
            .expect(200)
          const { query, page } = readPayload(text)
          const asPath = /asPath&quot;:&quot;(.*?)&quot;/.exec(text)?.[1]
          return { asPath, query, page, resolved: seen.pop() }
        }

        expect(await shown('/blog-post-1')).toEqual({
          asPath: '/blog-post-1',
          query: { post: 'post-1' },
          page: '/blog/[post]',
          resolved: '/blog/post-1',
        })
        expect(await shown('/blog-post-1?added=2')).toEqual({
          asPath: '/blog-post-1?added=2',
          query: { post: 'post-1', added: ['1', '2'] },
          page: '/blog/[post]',
          resolved: '/blog/post-1?added=2',
        })
        expect(await shown('/blog/post-1?x=1')).toEqual({
          asPath: '/blog/post-1?x=1',
          query: { post: 'post-1', x: '1' },
          page: '/blog/[post]',
          resolved: '/blog/post-1?x=1',
        })
        // The browser asks for the data of the page.
        await request(app).get(`${mount}/_data/blog/post-1.json?x=1`).expect(200)
        expect(seen.pop()).toBe('/blog/post-1?x=1')
      },
    )
  },
)
