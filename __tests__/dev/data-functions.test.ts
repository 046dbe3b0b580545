import { jest } from '@jest/globals'
import { readPayload } from '../support/page-data.js'
import {
  expressProgram,
  makeProject,
  removeProjects,
  startApp,
  type Project,
  type RunningApp,
} from '../support/project.js'

jest.setTimeout(60_000)

const DEVELOPMENT = { NODE_ENV: 'development' }

/** A page whose data function leaves a line in `calls.log`. */
const counted = (name: string) => `
import { appendFileSync } from 'node:fs'
export function getStaticProps({ params, revalidateReason, draftMode = false }) {
  appendFileSync('calls.log', '${name} ' + revalidateReason + '\\n')
  return { props: { slug: params?.slug ?? null, draftMode } }
}
export default function Page() { return <p>${name}</p> }
`

const returning = (fn: string, props: string) => `
export function ${fn}() { return { props: ${props} } }
export default function Page() { return <p>shown</p> }
`

let project: Project
let site: RunningApp

beforeAll(async () => {
  project = await makeProject({
    'calls.log': '',
    'pages/static.jsx': counted('static'),
    'pages/shell/[slug].jsx': `${counted('shell')}
export const getStaticPaths = () => ({ paths: ['/shell/listed'], fallback: true })`,
    'pages/date.jsx': returning('getServerSideProps', '{ list: [{ time: new Date(0) }] }'),
    'pages/void.jsx': returning('getStaticProps', '{ gone: undefined }'),
    'pages/throws.jsx': `export const getServerSideProps = () => { throw new Error('no stock today') }
export default function Page() { return null }`,
    'pages/500.jsx': 'export default function Broken() { return <h1>we are sorry</h1> }',
    'pages/api/refresh.js': `export default async function handler(req, res) {
  await res.revalidate('/static')
  res.json({ done: true })
}`,
    'pages/api/silent.js': 'export default function handler() {}',
    'pages/api/value.js': 'export default (req, res) => { res.end("sent"); return { a: 1 } }',
    'pages/api/throws.js': 'export default () => { throw new Error("no api today") }',
    'pages/api/draft.js': 'export default (req, res) => res.setDraftMode({ enable: true }).end()',
  })
  site = await startApp(project, expressProgram(), DEVELOPMENT)
})

afterAll(removeProjects)

async function get(path: string, headers: Record<string, string> = {}, from = site) {
  const answer = await fetch(from.url + path, { headers })
  return { status: answer.status, headers: answer.headers, text: await answer.text() }
}

const calls = async () => (await project.read('calls.log')).split('\n').slice(0, -1)

describe('development', () => {
  it('runs getStaticProps for every document and every data request, and says why [3.05]', async () => {
    const before = (await calls()).length

    for (const path of ['/static', '/static', '/_data/static.json', '/_data/static.json'])
      expect((await get(path)).status).toBe(200)

    expect((await calls()).slice(before)).toEqual(Array(4).fill('static stale'))
  })

  it('shows the shell of a path that is not listed at every full load, and never of a listed one [4.33]', async () => {
    for (let round = 0; round < 2; round++) {
      const { isFallback, query } = readPayload((await get('/shell/other')).text)
      expect([isFallback, query]).toEqual([true, {}])
      expect(JSON.parse((await get('/_data/shell/other.json')).text)).toMatchObject({
        pageProps: { slug: 'other' },
      })
      expect(readPayload((await get('/shell/listed')).text)).toMatchObject({
        isFallback: false,
        query: { slug: 'listed' },
      })
    }
  })

  it('names what JSON cannot carry: its path, the function and the page [2.16]', async () => {
    for (const path of ['/date', '/_data/date.json']) expect((await get(path)).status).toBe(500)
    const { text } = await get('/date')
    for (const fact of ['Error serializing', '.list[0].time', 'getServerSideProps', 'pages/date.jsx', 'Date'])
      expect(text).toContain(fact)
    const { text: other } = await get('/void')
    for (const fact of ['Error serializing', '.gone', 'getStaticProps', 'pages/void.jsx', 'undefined'])
      expect(other).toContain(fact)
  })

  it('shows an error instead of pages/500 [13.05]', async () => {
    const { status, text } = await get('/throws')

    expect(status).toBe(500)
    expect(text).toContain('no stock today')
    expect(text).not.toContain('we are sorry')
  })

  it('shows the error of an API route [11.21]', async () => {
    const { status, text } = await get('/api/throws')

    expect(status).toBe(500)
    expect(text).toContain('no api today')
  })

  it('tells of API routes that do not answer, or return what nobody reads [11.23][11.24]', async () => {
    const left = new AbortController()
    const silent = fetch(`${site.url}/api/silent`, { signal: left.signal }).catch(() => undefined)
    expect((await get('/api/value')).text).toBe('sent')
    for (
      let tries = 0;
      tries < 200 && !/resolved without[^]*not return|not return[^]*resolved without/.test(site.output());
      tries++
    )
      await new Promise((resolve) => setTimeout(resolve, 20))
    left.abort()
    await silent

    expect(site.output()).toMatch(/`pages\/api\/silent\.js` resolved without sending a response/)
    expect(site.output()).toMatch(/`pages\/api\/value\.js` should not return a value, but returned an object/)
  })

  it('revalidates in API routes without a complaint [7.36]', async () => {
    expect((await get('/api/refresh')).text).toBe('{"done":true}')
  })

  it('has cookies of draft mode that its next start does not know [14.01][14.13]', async () => {
    const [cookie = ''] = (await get('/api/draft')).headers.getSetCookie()
    expect(cookie).toMatch(/^__pagepress_draft=[\w.-]+; Path=\/; HttpOnly; SameSite=Lax$/)
    const headers = { Cookie: cookie.slice(0, cookie.indexOf(';')) }
    expect(readPayload((await get('/static', headers)).text).props.pageProps).toMatchObject({
      draftMode: true,
    })

    const other = await startApp(project, expressProgram(), DEVELOPMENT)
    const answer = await get('/static', headers, other)
    expect(readPayload(answer.text).props.pageProps).toMatchObject({ draftMode: false })
    expect(answer.headers.getSetCookie()).toHaveLength(2)
    await other.stop()
  })
})
