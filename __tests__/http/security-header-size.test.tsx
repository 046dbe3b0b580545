import { once } from 'node:events'
import { request } from 'node:http'
import { connect } from 'node:net'
import express from 'express'
import { preload, preloadModule } from 'react-dom'
import type { GetServerSidePropsContext } from 'pagepress'
import { createTestApp } from 'pagepress/testing'
import { openStore } from '../../lib/cache/open-store.js'
import { createSiteCache } from '../../lib/cache/site-cache.js'
import { emptyStore } from '../../lib/cache/store.js'
import { resolveOptions } from '../../lib/options.js'
import { createPagesHandler } from '../../lib/pages.js'
import { createDraftKeys } from '../../lib/server/draft-token.js'
import { createSite } from '../../lib/server/site.js'
import { createMemorySource, type MemoryPages } from '../../lib/testing/memory-source.js'
import { failOnConsole } from '../support/console.js'
import { serve, stopServers } from '../support/serve.js'

failOnConsole()
afterEach(stopServers)

const KB = 1024
const hashed = (name: string, n: number, end: string) => `/_assets/${name}-${n}-${'0'.repeat(40)}.${end}`
const names = (name: string, end: string) => Array.from({ length: 200 }, (_, n) => hashed(name, n, end))

/** A site whose pages link to two hundred modules and two hundred sheets, as if it was built of so many. */
function createLinkingApp(pages: MemoryPages) {
  const onError = () => {}
  const settings = resolveOptions({ dev: false, onError })
  const assets = { scripts: [], preloads: names('m', 'js'), styles: names('s', 'css') }
  const source = { ...createMemorySource(pages, 'test'), assets: () => assets }
  const config = {
    trailingSlash: false,
    skipTrailingSlashRedirect: false,
    generateEtags: true,
    compress: true,
    largePageDataBytes: 128_000,
  }
  const start = async () => {
    const store = await openStore(settings, { buildId: 'test', now: Date.now, onError }, () => emptyStore)
    const cache = createSiteCache(settings, { store, now: Date.now, elapsed: Date.now, onError })
    const site = createSite({
      source,
      files: { serve: (_exchange, next) => next() },
      cache,
      config,
      draftKeys: createDraftKeys(),
      settings,
      onError,
      now: Date.now,
    })
    return { site, cache, close: () => cache.close() }
  }
  return express().use(createPagesHandler(start, settings))
}

/** All that comes back on a connection of its own. */
async function read(port: number, path: string): Promise<{ head: string; body: string }> {
  const socket = connect(port, '127.0.0.1')
  const chunks: Buffer[] = []
  socket.on('data', (chunk: Buffer) => chunks.push(chunk))
  socket.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`)
  await once(socket, 'close')
  const text = Buffer.concat(chunks).toString('latin1')
  const end = text.indexOf('\r\n\r\n')
  return { head: text.slice(0, end), body: text.slice(end + 4) }
}

it('two hundred modules and sheets are linked to in the document, not in its head on the wire [S151]', async () => {
  const Hints = () => {
    for (const href of names('r', 'js')) preloadModule(href)
    for (const href of names('r', 'css')) preload(href, { as: 'style' })
    return <p>page</p>
  }
  const app = createLinkingApp({
    '/static': { default: Hints, getStaticProps: () => ({ props: {} }) },
    '/server': { default: Hints, getServerSideProps: () => ({ props: {} }) },
  })
  const { ask, port } = await serve(app)
  for (const path of ['/static', '/static', '/server']) {
    const { head, body } = await read(port, path)
    expect(head).toMatch(/^HTTP\/1\.1 200 /)
    expect(head.length).toBeLessThan(2 * KB)
    expect(head).not.toMatch(/^link:/im)
    expect(body.match(/<link rel="modulepreload"[^>]*\/m-/g)).toHaveLength(200)
    expect(body.match(/<link rel="stylesheet"[^>]*\/s-/g)).toHaveLength(200)
    // What the page itself asks React to load is in the document as well.
    expect(body.match(/\/r-\d+-0+\.js/g)).toHaveLength(200)
    expect((await ask(path)).status).toBe(200)
  }
})

it('64 KB of headers that the app or a page has set arrive whole where they are taken, and harm nobody else [S151]', async () => {
  const set = (res: { setHeader(name: string, value: string): unknown }) => {
    for (let n = 0; n < 64; n += 1) res.setHeader(`X-Large-${n}`, String(n).repeat(KB).slice(0, KB))
  }
  const { app, errors } = createTestApp({
    pages: {
      '/static': { default: () => <p>page</p>, getStaticProps: () => ({ props: {} }) },
      '/server': {
        default: () => <p>page</p>,
        getServerSideProps: ({ res }: GetServerSidePropsContext) => (set(res), { props: {} }),
      },
      '/moved': {
        default: () => null,
        getStaticProps: () => ({ redirect: { destination: '/static', permanent: false } }),
      },
      '/handler': {
        GET: () => {
          const headers = new Headers()
          set({ setHeader: (name, value) => headers.set(name, value) })
          return new Response('<p>page</p>', { headers })
        },
      },
      '/small': { default: () => <p>page</p> },
    },
    before: (app) =>
      void app.use((req, res, next) => {
        if (/static|moved|nowhere/.test(req.url)) set(res)
        next()
      }),
  })
  const { port, ask } = await serve(app)
  const get = (path: string, maxHeaderSize?: number) =>
    new Promise<{ headers: object; text: string }>((resolve, reject) => {
      request({ port, host: '127.0.0.1', path, ...(maxHeaderSize && { maxHeaderSize }) }, (res) => {
        let text = ''
        res.on('data', (chunk: Buffer) => (text += chunk.toString()))
        res.on('end', () => resolve({ headers: res.headers, text }))
      })
        .on('error', reject)
        .end()
    })
  const large = Object.fromEntries(
    Array.from({ length: 64 }, (_, n) => [`x-large-${n}`, String(n).repeat(KB).slice(0, KB)]),
  )
  for (const path of [
    '/static',
    '/static',
    '/_data/static.json',
    '/server',
    '/moved',
    '/handler',
    '/nowhere',
  ]) {
    const { headers, text } = await get(path, 128 * KB)
    expect(headers).toMatchObject(large)
    if (/static$|server|handler/.test(path)) expect(text).toContain('<p>page</p>')
    // A client that takes less says so to its own side, and harms nobody else.
    await expect(get(path)).rejects.toMatchObject({ code: 'HPE_HEADER_OVERFLOW' })
    expect((await ask('/small')).body).toContain('<p>page</p>')
  }
  expect(errors).toEqual([])
})
