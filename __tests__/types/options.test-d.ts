// Checked by `npm run typecheck`; nothing runs. A line below `@ts-expect-error` must be an error.
import { createServer as createHttpServer, type Server } from 'node:http'
import type { Server as HttpsServer } from 'node:https'
import express, { type Express } from 'express'
import { createServer, defineConfig, pages, type PagesErrorCode, type PagesHandler } from 'pagepress'

const app: Express = express()
const site: PagesHandler = pages({
  root: '.',
  errors: 'next',
  limits: { renders: 4 },
  cache: { maxBytes: 0 },
})
app.use('/shop', site)
app.use(site.notFound)
app.use(site.errorHandler)

export async function useMethods(): Promise<void> {
  await site.ready()
  await site.revalidate('/posts/a')
  await site.revalidate({ path: '/posts/a' })
  await site.revalidate({ tag: 'news', soft: true })
  await site.revalidate({ prefix: '/posts' })
  // @ts-expect-error neither a path nor a name that pages bear
  await site.revalidate(1)
  await site.close({ timeoutMs: 1000 })
}

// @ts-expect-error no such option
pages({ folder: 'pages' })
// @ts-expect-error no such way
pages({ errors: 'throw' })
// @ts-expect-error no such limit
pages({ limits: { visitors: 1 } })

export const plain: Server = createServer(app)
export const secure: HttpsServer = createServer(app, { key: '', cert: '' })
// @ts-expect-error a server is no Express application
createServer(createHttpServer())

defineConfig({ trailingSlash: true, pageExtensions: ['page.tsx'], env: { NAME: 'value' } })
// @ts-expect-error `env` holds strings
defineConfig({ env: { COUNT: 1 } })
// @ts-expect-error no such key
defineConfig({ basePath: '/shop' })

export const code: PagesErrorCode = 'PAGES_OPTION'
// @ts-expect-error no such code
export const wrongCode: PagesErrorCode = 'PAGES_NONE'
