import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { startHost, type RunningHost } from '../support/host.js'
import { buildProject, createProject, removeProject } from '../support/installed-project.js'
import { askRaw, type RawAnswer } from '../support/raw.js'

const IMMUTABLE = 'public, max-age=31536000, immutable'

const server = (fallthrough: boolean) => `
  import express from 'express'
  import { pages } from 'pagepress'
  express().use(pages({ fallthrough: ${fallthrough} })).listen(process.env.PORT, '127.0.0.1')
`

const files = {
  'open.js': server(true),
  'closed.js': server(false),
  'package-secret.json': 'SECRET',
  'pages/index.jsx': `
    import { useState } from 'react'
    export default () => { const [n] = useState(0); return <p>{'the page'.repeat(20 + n)}</p> }
  `,
  'pages/file/[name].jsx': `
    export default () => <p>a page</p>
    export const getServerSideProps = () => ({ props: {} })
  `,
  'pages/[...all].jsx': `
    export default () => <p>any page</p>
    export const getServerSideProps = () => ({ props: {} })
  `,
  'public/hello.txt': 'hello',
  'public/file/known': 'a file',
  'public/static/deep.txt': 'deep',
  'public/hello world.txt': 'space',
  'public/a+b.txt': 'plus',
  'public/100%.txt': 'percent',
  'public/日本.txt': 'japan',
  'public/.secret': 'SECRET',
  'public/.git/config': 'SECRET',
}

describe('files of a built site', () => {
  let folder: string
  let open: RunningHost
  let closed: RunningHost
  let assets: string[]

  beforeAll(async () => {
    folder = await createProject({ files })
    await buildProject(folder)
    const env = { NODE_ENV: 'production' }
    open = await startHost(['open.js'], { cwd: folder, env })
    closed = await startHost(['closed.js'], { cwd: folder, env })
    assets = (await readdir(join(folder, '.pagepress/client/_assets'))).filter((name) => name.endsWith('.js'))
  }, 120_000)
  afterAll(async () => {
    await Promise.all([open?.stop(), closed?.stop()])
    await removeProject(folder)
  })

  const raw = (target: string, options?: Parameters<typeof askRaw>[2]): Promise<RawAnswer> =>
    askRaw(Number(new URL(open.url).port), target, options)

  it('wins over a dynamic page of the same URL [1.15]', async () => {
    expect(await (await open.ask('/file/known')).text()).toBe('a file')
    expect(await (await open.ask('/file/other')).text()).toContain('a page')
  })

  it('answers with hashed assets for ever', async () => {
    expect(assets.length).toBeGreaterThan(1)
    for (const name of assets) {
      const response = await open.ask(`/_assets/${name}`)
      expect([response.status, response.headers.get('cache-control')]).toEqual([200, IMMUTABLE])
      expect(response.headers.get('content-type')).toBe('text/javascript; charset=utf-8')
      await response.arrayBuffer()
    }
  })

  it('answers for a missing asset with plain text that nobody keeps, by any method [1.53][S45]', async () => {
    for (const method of ['GET', 'HEAD', 'POST', 'PUT', 'DELETE']) {
      const response = await open.ask('/_assets/old.HASH.js', { method })
      expect([method, response.status, response.headers.get('cache-control')]).toEqual([
        method,
        404,
        'no-store',
      ])
      expect(response.headers.get('content-type')).toBe('text/plain; charset=utf-8')
      expect(await response.text()).toBe(method === 'HEAD' ? '' : 'Not Found')
    }
  })

  it('refuses to write to a file, and says how it can be read [1.54]', async () => {
    for (const path of ['/hello.txt', `/_assets/${assets[0]}`]) {
      for (const method of ['POST', 'PUT', 'PATCH', 'DELETE']) {
        const response = await closed.ask(path, { method })
        expect([path, method, response.status, response.headers.get('allow')]).toEqual([
          path,
          method,
          405,
          'GET, HEAD',
        ])
      }
    }
  })

  it('answers no method but GET and HEAD with a file, be it known, unknown or misspelled [S146]', async () => {
    const [hello, asset] = ['/hello.txt', `/_assets/${assets[0]}`]
    for (const [host, path, status] of [
      [closed, hello, 405],
      [closed, asset, 405],
      // With `fallthrough` a public file is asked for in other ways by the app's leave.
      [open, hello, 404],
      [open, asset, 405],
    ] as const) {
      const ask = (method: string) => askRaw(Number(new URL(host.url).port), path, { method })
      for (const method of ['OPTIONS', 'TRACE', 'PROPFIND']) {
        const answer = await ask(method)
        const allow = status === 405 ? 'GET, HEAD' : undefined
        expect([path, method, answer.status, answer.headers['allow']]).toEqual([path, method, status, allow])
      }
      for (const method of ['FOO', 'get', 'Get', 'head']) expect((await ask(method)).status).toBe(400)
    }
  })

  it('takes conditions and ranges [1.55]', async () => {
    const ask = (headers: Record<string, string>) => open.ask('/hello.txt', { headers })
    expect((await ask({ 'If-Unmodified-Since': 'Thu, 01 Jan 1970 00:00:00 GMT' })).status).toBe(412)
    expect((await ask({ 'If-Unmodified-Since': 'nextweek' })).status).toBe(200)
    const part = await ask({ Range: 'bytes=1-3' })
    expect([part.status, await part.text(), part.headers.get('content-range')]).toEqual([
      206,
      'ell',
      'bytes 1-3/5',
    ])
  })

  it('finds public files at their encoded URLs and lets them be kept for no time [1.56]', async () => {
    const named = {
      'hello world.txt': 'space',
      'a+b.txt': 'plus',
      '100%.txt': 'percent',
      '日本.txt': 'japan',
    }
    for (const [name, content] of Object.entries(named)) {
      for (const encoded of new Set([encodeURIComponent(name), name.replace('%', '%25')])) {
        const response = await open.ask(`/${encoded}`)
        expect([encoded, response.status, await response.text()]).toEqual([encoded, 200, content])
        expect(response.headers.get('cache-control')).toBe('public, max-age=0')
      }
    }
  })

  it('leads nowhere else, whatever the path is made of [1.57]', async () => {
    const targets = [
      '/_assets/../../package.json',
      '/_assets/%2e%2e/%2e%2e/package.json',
      '/_assets/..%2f..%2fpackage.json',
      '/_assets/..%2F..%2Fmanifest.json',
      '/_assets/..%5c..%5cpackage.json',
      '/_assets/..\\..\\package.json',
      '/_assets//..//../package.json',
      '/../package-secret.json',
      '/%2e%2e/package-secret.json',
      '//../package-secret.json',
      '/static/../../package-secret.json',
      '/_assets/../server/entry.js',
      '/_assets/server/entry.js',
      '/_assets/manifest.json',
      '/_assets/.vite/manifest.json',
    ]
    for (const target of targets) {
      const { status, body } = await raw(target)
      expect([target, status]).toEqual([target, expect.any(Number)])
      expect([target, [400, 404].includes(status)]).toEqual([target, true])
      expect(body).not.toMatch(/SECRET|"private"/)
    }
    // A page that takes any path may answer for what is a path like any other to it; no file does.
    for (const target of [
      '/..%2fpackage-secret.json',
      '/..%2Fpackage-secret.json',
      '/.vite/manifest.json',
      '/package.json',
    ]) {
      expect((await raw(target)).body).not.toMatch(/SECRET|"private"/)
    }
  })

  it('serves public/static at /static, and nothing that begins with a dot [1.58]', async () => {
    expect(await (await open.ask('/static/deep.txt')).text()).toBe('deep')
    for (const path of ['/.secret', '/%2Esecret', '/.git/config', '/static/../.secret']) {
      expect((await raw(path)).body).not.toContain('SECRET')
    }
    expect((await closed.ask('/.secret')).status).not.toBe(500)
  })

  it('lets nobody keep an error of an asset [S44]', async () => {
    const failing: [number, Record<string, string>, string?][] = [
      [412, { 'If-Match': '"xxx"' }],
      [412, { 'If-Unmodified-Since': 'Thu, 01 Jan 1970 00:00:00 GMT' }],
      [416, { Range: 'bytes=99999999-' }],
      [405, {}, 'POST'],
    ]
    for (const [status, headers, method = 'GET'] of failing) {
      const response = await open.ask(`/_assets/${assets[0]}`, { method, headers })
      await response.arrayBuffer()
      expect([response.status, response.headers.get('cache-control'), response.headers.get('etag')]).toEqual([
        status,
        'no-store',
        null,
      ])
    }
  })

  it('sends assets in the encoding that the build has made', async () => {
    const sizes = await Promise.all(
      ['identity', 'gzip', 'br'].map(async (coding) => {
        const large = assets.find((name) => name.startsWith('react')) ?? ''
        const response = await open.ask(`/_assets/${large}`, { headers: { 'Accept-Encoding': coding } })
        expect(response.headers.get('content-encoding')).toBe(coding === 'identity' ? null : coding)
        expect(response.headers.get('vary')).toBe('Accept-Encoding')
        expect(response.headers.get('content-type')).toBe('text/javascript; charset=utf-8')
        return [Number(response.headers.get('content-length')), (await response.text()).length]
      }),
    )
    const [identity, gzip, brotli] = sizes.map(([bytes]) => bytes ?? 0) as [number, number, number]
    expect(gzip).toBeLessThan(identity / 2)
    expect(brotli).toBeLessThan(gzip)
    expect(new Set(sizes.map(([, text]) => text)).size).toBe(1)
  })
})
