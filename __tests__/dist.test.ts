import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import {
  buildProject,
  createProject,
  removeProject,
  repository,
  runScript,
} from './support/installed-project.js'

// The published files, not the sources: what the compiler, the bundler and the package's `exports` make of them shows
// nowhere else.

const pages = {
  'pages/index.tsx': `
import { Link } from 'pagepress/react'
export default function Home() { return <Link href="/posts/a">Read</Link> }
`,
  'pages/posts/[slug].tsx': `
import type { GetStaticPaths, GetStaticProps } from 'pagepress'
export const getStaticPaths: GetStaticPaths = () => ({ paths: ['/posts/a'], fallback: 'blocking' })
export const getStaticProps: GetStaticProps = ({ params }) => ({ props: { slug: params.slug }, revalidate: 60 })
export default function Post({ slug }: { slug: string }) { return <h1>Post {slug}</h1> }
`,
  'pages/me.tsx': `
import type { GetServerSideProps } from 'pagepress'
export const getServerSideProps: GetServerSideProps = ({ req, res }) => ({
  props: { user: res.locals.user, agent: req.headers['x-agent'] ?? null },
})
export default function Me({ user, agent }: { user: string, agent: string }) { return <p>{user} by {agent}</p> }
`,
  'pages/api/echo.ts': `
import type { ApiHandler } from 'pagepress'
const echo: ApiHandler = (req, res) => { res.json({ query: req.query, body: req.body }) }
export default echo
`,
  'public/robots.txt': 'User-agent: *\n',
}

/** The host does what the test asks it, and prints what it answered. */
const visit = `
async function visit(server) {
  const ask = async (path, options) => {
    const response = await fetch('http://127.0.0.1:' + server.address().port + path, options)
    const headers = Object.fromEntries(response.headers)
    return { path, status: response.status, headers, body: await response.text() }
  }
  const answers = []
  for (const path of ['/', '/posts/a', '/posts/b', '/_data/posts/a.json', '/me', '/robots.txt', '/other', '/nowhere'])
    answers.push(await ask(path, { headers: { 'x-agent': 'test' } }))
  const json = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"n":1}' }
  answers.push(await ask('/api/echo?q=1', json))
  const { body } = answers[0]
  for (const [, path] of body.matchAll(/(?:src|href)="(\\/_assets\\/[^"]+)"/g)) answers.push(await ask(path))
  console.log(JSON.stringify(answers))
}
`

const app = `
const app = express()
app.use((req, res, next) => { res.locals.user = 'Ada'; next() })
app.get('/other', (req, res) => res.send('the app'))
const site = pages()
app.use(site)
const server = createServer(app).listen(0, '127.0.0.1', async () => {
  await visit(server)
  server.closeAllConnections()
  server.close()
  await site.close()
})
`

const hosts = {
  'esm.mjs': `import express from 'express'\nimport { createServer, pages } from 'pagepress'\n${visit}${app}`,
  'common.cjs': `const express = require('express')\nconst { createServer, pages } = require('pagepress')\n${visit}${app}`,
}

interface Answer {
  readonly path: string
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

describe.each([
  ['Express 5', 'express'],
  ['Express 4', 'express4'],
])('the built package in %s', (_name, express) => {
  let folder: string
  beforeAll(async () => {
    folder = await createProject({ files: { ...pages, ...hosts }, packages: { express } })
    await buildProject(folder)
  })
  afterAll(() => removeProject(folder))

  test.each([
    ['an ES module', 'esm.mjs'],
    ['CommonJS', 'common.cjs'],
  ])('serves pages, data, API routes and files to a host written as %s', async (_kind, host) => {
    // What another host has produced is found again, which is not asked here.
    await rm(join(folder, '.pagepress/cache'), { recursive: true, force: true })
    const output = await runScript([host], { cwd: folder, env: { NODE_ENV: 'production' } })
    const answers = JSON.parse(output) as Answer[]
    const answerTo = (path: string) => answers.find((one) => one.path === path)!

    expect(answerTo('/')).toMatchObject({ status: 200, body: expect.stringContaining('href="/posts/a"') })
    expect(answerTo('/posts/a').body).toMatch(/<h1>Post (<!-- -->)?a<\/h1>/)
    expect(answerTo('/posts/a').headers['cache-status']).toBe('pagepress; hit')
    expect(answerTo('/posts/b').headers['cache-status']).toBe('pagepress; fwd=uri-miss; stored')
    expect(JSON.parse(answerTo('/_data/posts/a.json').body)).toEqual({ pageProps: { slug: 'a' } })
    expect(answerTo('/me').body).toContain('Ada<!-- --> by <!-- -->test')
    expect(answerTo('/robots.txt')).toMatchObject({ status: 200, body: 'User-agent: *\n' })
    expect(answerTo('/other')).toMatchObject({ status: 200, body: 'the app' })
    // Not ours: the app's own answer, not a page of ours.
    expect(answerTo('/nowhere')).toMatchObject({ status: 404, body: expect.stringContaining('Cannot GET') })
    expect(JSON.parse(answerTo('/api/echo?q=1').body)).toEqual({ query: { q: '1' }, body: { n: 1 } })

    const assets = answers.filter(({ path }) => path.startsWith('/_assets/'))
    expect(assets.length).toBeGreaterThan(0)
    for (const asset of assets) {
      expect(asset.status).toBe(200)
      expect(asset.headers['cache-control']).toBe('public, max-age=31536000, immutable')
    }
  })
})

describe('the declarations of the built package', () => {
  let folder: string
  beforeAll(async () => {
    folder = await createProject({
      files: { 'app.tsx': typedApp, 'tsconfig.json': typedConfig },
      packages: Object.fromEntries(typedPackages.map((name) => [name, name])),
    })
  })
  afterAll(() => removeProject(folder))

  test('type an app and its pages', async () => {
    const tsc = join(repository, 'node_modules/typescript/bin/tsc')
    expect(await runScript([tsc, '--project', folder], { cwd: folder })).toBe('')
  })
})

const typedPackages = ['@types/express', '@types/node', '@types/react', '@types/react-dom']

const typedConfig = JSON.stringify({
  compilerOptions: {
    strict: true,
    module: 'nodenext',
    target: 'es2022',
    jsx: 'react-jsx',
    noEmit: true,
    skipLibCheck: true,
    types: ['node'],
  },
  files: ['app.tsx'],
})

const typedApp = `
import express from 'express'
import { createServer, defineConfig, pages, PagesError } from 'pagepress'
import type { GetStaticProps, InferGetStaticPropsType } from 'pagepress'
import { Head, Link, useRouter } from 'pagepress/react'
import NextLink from 'pagepress/next/link'
import { Html, Main, Scripts } from 'pagepress/document'
import App, { type AppProps } from 'pagepress/app'

const site = pages({ limits: { renders: 2 } })
const app = express().use(site)
createServer(app).listen(3000)
export const config = defineConfig({ trailingSlash: true })
export const code: string = new PagesError('PAGES_BUG', 'x').code
export const getStaticProps = (() => ({ props: { n: 1 } })) satisfies GetStaticProps
export default function Page({ n }: InferGetStaticPropsType<typeof getStaticProps>) {
  const path: string = useRouter().pathname
  return <Link href={path}><Head><title>{n.toFixed()}</title></Head><NextLink href="/">x</NextLink></Link>
}
export class Mine extends App {}
export function Frame({ Component, pageProps }: AppProps) { return <Component {...pageProps} /> }
export function Shell() { return <Html><body><Main /><Scripts /></body></Html> }
`
