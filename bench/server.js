// Starts one of the servers that are compared, on a free port of 127.0.0.1, and prints the port.
//
//   node bench/server.js pagepress-aligned
import { readFileSync } from 'node:fs'
import { createServer as createHttpServer } from 'node:http'
import { fileURLToPath } from 'node:url'
import express from 'express'
import session from 'express-session'
import { createElement } from 'react'
import { renderToString } from 'react-dom/server'
import { createServer, pages } from 'pagepress'

const root = fileURLToPath(new URL('./site/', import.meta.url))

/** An Express app with nothing but our pages. */
function siteApp(before = []) {
  const app = express()
  for (const middleware of before) app.use(middleware)
  app.use(pages({ root, dev: false }))
  return app
}

const fourMiddlewares = () => [
  express.json(),
  express.urlencoded({ extended: false }),
  session({ secret: 'bench', resave: false, saveUninitialized: false }),
  (req, _res, next) => {
    req.startedAt = performance.now()
    next()
  },
]

/** What our own server answers, so that the others send the very same bytes and headers. */
async function fetchPage(path) {
  const server = siteApp().listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const response = await fetch(`http://127.0.0.1:${server.address().port}${path}`, {
    headers: { 'accept-encoding': 'identity' },
  })
  const body = Buffer.from(await response.arrayBuffer())
  const names = ['content-type', 'cache-control', 'cache-status', 'pagepress-build', 'etag', 'vary']
  const headers = names.flatMap((name) =>
    response.headers.has(name) ? [name, response.headers.get(name)] : [],
  )
  server.close()
  server.closeAllConnections()
  return { body, headers: [...headers, 'Content-Length', String(body.length)] }
}

/** The page's tree, from the modules that our build made. */
async function loadTree() {
  const manifest = JSON.parse(
    readFileSync(new URL('./site/.pagepress/manifest.json', import.meta.url), 'utf8'),
  )
  const load = (module) =>
    import(new URL(`./site/.pagepress/${manifest.serverDir}/${module}`, import.meta.url))
  const page = await load(manifest.pages.find(({ route }) => route === '/server').module)
  const { default: App } = await load(manifest.special.app)
  return { App, page }
}

const servers = {
  async 'bare-cached'() {
    const { body, headers } = await fetchPage('/static')
    return createHttpServer((_req, res) => {
      res.writeHead(200, headers)
      res.end(body)
    })
  },
  async 'express-line'() {
    const { body } = await fetchPage('/static')
    const app = express()
    app.use((_req, res) => res.end(body))
    return createHttpServer(app)
  },
  'pagepress-plain': async () => createHttpServer(siteApp()),
  'pagepress-aligned': async () => createServer(siteApp()),
  'pagepress-aligned-behind-4': async () => createServer(siteApp(fourMiddlewares())),
  // Does the same with React and Node alone: data, tree, props for hydration, the same document around them.
  async 'bare-ssr'() {
    const { App, page } = await loadTree()
    const { body } = await fetchPage('/server')
    const [, start, middle, end] =
      /^(.*<div id="__page">).*(<\/div><script [^>]*>\{"props":).*?(,"page":.*)$/s.exec(body.toString())
    return createHttpServer(async (_req, res) => {
      const { props } = await page.getServerSideProps({})
      const html = renderToString(createElement(App, { Component: page.default, pageProps: props }))
      const json = JSON.stringify({ pageProps: props })
        .replaceAll('<', '\\u003c')
        .replaceAll('>', '\\u003e')
        .replaceAll('&', '\\u0026')
      const document = Buffer.from(start + html + middle + json + end)
      res.writeHead(200, { 'Content-Type': 'text/html; charset=utf-8', 'Content-Length': document.length })
      res.end(document)
    })
  },
}

const create = servers[process.argv[2]]
if (!create) {
  console.error(`Usage: node bench/server.js ${Object.keys(servers).join(' | ')}`)
  process.exit(2)
}
const server = await create()
server.listen(0, '127.0.0.1', () => console.log(server.address().port))
