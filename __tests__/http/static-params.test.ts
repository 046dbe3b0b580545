import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { jest } from '@jest/globals'
import { readPayload } from '../support/page-data.js'
import {
  expressProgram,
  makeProject,
  removeProjects,
  runCli,
  startApp,
  type Finished,
  type Project,
  type RunningApp,
} from '../support/project.js'

jest.setTimeout(60_000)

const fixture = join(import.meta.dirname, '../fixtures/params-site')

let project: Project
let built: Finished
let site: RunningApp
let callsOfBuild: Call[]

type Call = [name: string, value: unknown]

beforeAll(async () => {
  project = await makeProject(await readFixture())
  const log = join(project.root, 'calls.log')
  built = await runCli(['build', project.root], { CALLS_LOG: log })
  callsOfBuild = built.code === 0 ? await readCalls() : []
  await project.write('calls.log', '')
  site = await startApp(project, expressProgram(), { NODE_ENV: 'production', CALLS_LOG: log })
})
afterAll(removeProjects)

async function readFixture(): Promise<Record<string, string>> {
  const names = await readdir(fixture, { recursive: true, withFileTypes: true })
  const files = names
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(fixture.length + 1))
    .filter((name) => /^(pages|lib)\//.test(name))
  return Object.fromEntries(
    await Promise.all(files.map(async (name) => [name, await readFile(join(fixture, name), 'utf8')])),
  ) as Record<string, string>
}

async function readCalls(): Promise<Call[]> {
  const lines = (await project.read('calls.log')).trim().split('\n')
  return lines.filter(Boolean).map((line) => JSON.parse(line) as Call)
}

/** What was noted under a name while building. */
const noted = (name: string) => callsOfBuild.filter(([one]) => one === name).map(([, value]) => value)

async function visit(path: string, init: RequestInit = {}) {
  const response = await fetch(site.url + path, { redirect: 'manual', ...init })
  const html = await response.text()
  const shown = /<pre id="params">(.*?)<\/pre>/.exec(html)?.[1]
  return {
    status: response.status,
    headers: response.headers,
    html,
    cache: response.headers.get('cache-status'),
    cacheControl: response.headers.get('cache-control'),
    params: shown === undefined ? undefined : (JSON.parse(unescapeHtml(shown)) as unknown),
    render: /<i id="render">(.*?)<\/i>/.exec(html)?.[1],
  }
}

const unescapeHtml = (text: string) =>
  text.replaceAll('&quot;', '"').replaceAll('&#x27;', "'").replaceAll('&amp;', '&')

const HIT = 'pagepress; hit'
const MISS = 'pagepress; fwd=uri-miss; stored'
const weird = encodeURIComponent('a b/ü?&"').replaceAll('%26', '&')

describe('generateStaticParams of a page', () => {
  it('has each set that it lists produced by the build, and no request renders it [5.01]', async () => {
    expect(built).toMatchObject({ code: 0 })
    for (const path of ['/blog/hello', `/blog/${weird}`]) {
      const first = await visit(path)
      expect([first.status, first.cache]).toEqual([200, HIT])
      expect((await visit(path)).render).toBe(first.render)
    }
    // Renders in the process that serves are counted there.
    expect((await visit('/closed/in')).cache).toBe(HIT)
    expect((await visit('/renders')).html).toBe('0')
  })

  it('is called with a plain object, empty where nothing is above [5.02]', () => {
    expect(noted('blog')).toEqual([{ params: {} }])
    expect(noted('catalog layout')).toContainEqual({ params: {} })
  })

  it('lists all parameters by itself, from the bottom up [5.04]', async () => {
    expect(noted('products')).toEqual([{ params: {} }])
    const { cache, params } = await visit('/products/music/kind-of-blue')
    expect([cache, params]).toEqual([HIT, { category: 'music', product: 'kind-of-blue' }])
    expect((await visit('/products/books/dune')).cache).toBe(HIT)
  })

  it('runs once for each set that a layout above lists, with it, from the top down [5.03]', async () => {
    expect(noted('catalog page')).toEqual(
      ['books', 'music', 'none'].map((category) => ({ params: { category }, isPromise: false })),
    )
    for (const path of ['/catalog/books/dune', '/catalog/books/emma', '/catalog/music/blue'])
      expect((await visit(path)).cache).toBe(HIT)
  })

  it('gets what is above where a layout between lists nothing [5.05]', async () => {
    expect(noted('skip')).toEqual([{ a: '1' }, { a: '2' }])
    expect((await visit('/skip/2/2b/c')).cache).toBe(HIT)
  })

  it('that lists nothing for one set leaves the others alone; below a layout that lists nothing it runs once, with nothing [5.06]', async () => {
    expect((await visit('/catalog/music/blue')).cache).toBe(HIT)
    expect((await visit('/catalog/none/x')).cache).toBe(MISS)
    expect(noted('empty')).toEqual([{ params: {} }])
    expect((await visit('/empty/own/too')).cache).toBe(HIT)
  })

  it('of a layout is told of what is above it alone, and lists what is its own [5.07]', async () => {
    expect(noted('catalog layout').every((context) => JSON.stringify(context) === '{"params":{}}')).toBe(true)
    const wrong = await failBuild({
      'pages/[a]/_layout.jsx': `export const generateStaticParams = () => [{ a: '1', b: '2' }]
export default ({ children }) => children`,
      'pages/[a]/[b].jsx': PAGE,
    })
    expect(wrong).toMatch(
      /`generateStaticParams` of `pages\/\[a\]\/_layout\.jsx`.*`b`, which is none of \/\[a\]/,
    )
  })

  it('has run before its pages are made, and does not run again when they are made anew [5.08]', async () => {
    const names = callsOfBuild.map(([name]) => name)
    expect(names.indexOf('isr')).toBeGreaterThan(-1)
    expect(names.lastIndexOf('isr')).toBeLessThan(names.indexOf('once'))
    const first = await freshly('/isr/1')
    expect(first.cacheControl).toMatch(/^s-maxage=1,/)
    await pause(1100)
    expect((await visit('/isr/1')).render).toBe(first.render)
    const fresh = await untilFresh('/isr/1', first.render)
    expect(fresh.cache).toMatch(/hit/)
    expect((await readCalls()).filter(([name]) => name === 'isr')).toEqual([])
  })

  it('that lists nothing has every path produced at its first visit, and then kept [5.11]', async () => {
    const first = await visit('/late/x')
    expect([first.status, first.cache, first.params]).toEqual([200, MISS, { id: 'x' }])
    const second = await visit('/late/x')
    expect([second.cache, second.render]).toEqual([HIT, first.render])
  })

  it('gives an optional catch-all its root with null [5.13]', async () => {
    const { cache, params } = await visit('/docs')
    expect([cache, params]).toEqual([HIT, {}])
    expect((await visit('/docs/guide')).params).toEqual({ path: ['guide'] })
  })

  it('gives catch-all parameters as arrays', async () => {
    const { cache, params } = await visit('/files/a/b')
    expect([cache, params]).toEqual([HIT, { path: ['a', 'b'] }])
    expect((await visit('/files/x/y/z')).params).toEqual({ path: ['x', 'y', 'z'] })
  })

  it('gives raw values, which come back as they were [5.14]', async () => {
    const { cache, params } = await visit(`/blog/${weird}`)
    expect([cache, params]).toEqual([HIT, { slug: 'a b/ü?&"' }])
  })

  it('may list a set twice, and produces nothing at all where a set lacks a parameter [5.15]', async () => {
    expect(built.stdout).toMatch(/\/blog\/hello/)
    expect(built.stdout.match(/\/blog\/hello/g)).toHaveLength(1)
    const { status, cache } = await visit('/partial/1/2')
    expect([status, cache]).toEqual([200, MISS])
  })

  it('is warned of where a set lacks a parameter, and nowhere else', () => {
    expect(built.stdout.match(/^Warning: .*generateStaticParams.*$/gm)).toEqual([
      expect.stringMatching(/`pages\/partial\/\[a\]\/\[b\]\.tsx` listed \{"a":"3"\}.*lacks.*`b`/),
    ])
  })

  it('lets unlisted paths come with their first visitors, unless dynamicParams is false, here or in a layout above [5.16]', async () => {
    expect((await visit('/blog/unlisted')).cache).toBe(MISS)
    expect((await visit('/blog/unlisted')).cache).toBe(HIT)
    expect((await visit('/closed/out')).status).toBe(404)
    expect((await visit('/_data/closed/out.json')).html).toBe('{"notFound":true}')
    expect((await visit('/renders')).html).toBe('0')
    expect((await visit('/region/north/harbour')).cache).toBe(HIT)
    expect((await visit('/region/north/inland')).status).toBe(404)
    expect((await visit('/region/south/harbour')).status).toBe(404)
    const ofLayout = await visit('/region/north')
    expect([ofLayout.cache, ofLayout.params]).toEqual([HIT, { region: 'north' }])
  })

  it('is to getStaticPaths what `blocking` and `false` are: no shell is ever sent [5.18]', async () => {
    const open = await visit('/late/whole')
    expect(open.params).toEqual({ id: 'whole' })
    expect(readPayload(open.html)).toMatchObject({ isFallback: false, query: { id: 'whole' }, gsp: true })
    expect((await visit('/closed/never')).status).toBe(404)
  })

  it('may stand beside getStaticProps, which gives the props; revalidate is the file’s', async () => {
    const { cache, html, cacheControl } = await visit('/data/a')
    expect([cache, /<pre id="props">(.*?)<\/pre>/.exec(html)?.[1]]).toEqual([
      HIT,
      '{&quot;id&quot;:&quot;a&quot;}',
    ])
    expect(cacheControl).toMatch(/^s-maxage=\d{1,2}, stale-while-revalidate/)
  })

  it('only lists which paths there are where the page is produced per request', async () => {
    const { status, cache, params } = await visit('/live/now?x=1')
    expect([status, cache, params]).toEqual([200, 'pagepress; fwd=bypass', { id: 'now' }])
    expect((await visit('/live/then')).status).toBe(404)
  })

  it('loads what it shares with others once, through cache() of ours or of React', async () => {
    expect([noted('tree'), noted('names')]).toEqual([['root'], ['root']])
    for (const path of ['/memo/1/x', '/memo/1/y', '/memo/2/z']) expect((await visit(path)).cache).toBe(HIT)
  })

  it('says in its data whether there is a page, and no more', async () => {
    const { status, html, headers } = await visit('/_data/blog/hello.json')
    expect([status, html]).toEqual([200, '{"pageProps":{}}'])
    expect(headers.get('content-type')).toBe('application/json; charset=utf-8')
  })
})

describe('generateStaticParams of a route handler', () => {
  it('has each answer produced by the build: status, headers and body come back [5.19]', async () => {
    expect(noted('feed')).toEqual(['news', 'sport'])
    const first = await visit('/feed/news/data.json')
    expect([first.status, first.cache, first.headers.get('x-feed')]).toEqual([203, HIT, 'news'])
    expect(first.headers.get('content-type')).toBe('application/json')
    expect(JSON.parse(first.html)).toMatchObject({ name: 'news' })
    expect((await visit('/feed/news/data.json')).html).toBe(first.html)
    expect((await readCalls()).filter(([name]) => name === 'feed')).toEqual([])
  })

  it('honours revalidate, stale first and then fresh; an unlisted path comes with its first visitor [5.20]', async () => {
    const first = await freshly('/feed/news/soon')
    await pause(1100)
    const stale = await visit('/feed/news/soon')
    expect(stale.html).toBe(first.html)
    const fresh = await untilFresh('/feed/news/soon', first.html, 'html')
    expect(fresh.html).not.toBe(first.html)
    const unlisted = await visit('/feed/weather/soon')
    expect([unlisted.cache, (JSON.parse(unlisted.html) as { name: string }).name]).toEqual([MISS, 'weather'])
    const again = await visit('/feed/weather/soon')
    expect([again.cache, again.html]).toEqual([HIT, unlisted.html])
  })

  it('is for nothing where the handler reads the request: it runs for each, at the listed paths [5.21]', async () => {
    const one = await visit('/reads/1?a=1', { headers: { 'X-Who': 'me' } })
    expect(JSON.parse(one.html)).toEqual({ who: 'me', search: '?a=1' })
    const two = await visit('/reads/1?a=2', { headers: { 'X-Who': 'you' } })
    expect(JSON.parse(two.html)).toEqual({ who: 'you', search: '?a=2' })
    expect((await visit('/reads/2')).status).toBe(404)
  })

  it('keeps any bytes: from the build, from memory, and from files after a restart [12.13]', async () => {
    const expected = (name: string) =>
      Buffer.from(Uint8Array.from({ length: 4096 }, (_, index) => (index * 167 + name.length) % 256))
    const bytes = async (name: string) => {
      const response = await fetch(`${site.url}/icon/${name}`)
      const body = Buffer.from(await response.arrayBuffer())
      return { isSame: body.equals(expected(name)), cache: response.headers.get('cache-status') }
    }
    expect(await bytes('all.png')).toEqual({ isSame: true, cache: HIT })
    expect(await bytes('later.png')).toEqual({ isSame: true, cache: MISS })
    expect(await bytes('later.png')).toEqual({ isSame: true, cache: HIT })
    await site.stop()
    site = await startApp(project, expressProgram(), { NODE_ENV: 'production' })
    expect(await bytes('later.png')).toEqual({ isSame: true, cache: HIT })
    expect(await bytes('all.png')).toEqual({ isSame: true, cache: HIT })
  })
})

describe('the list of routes', () => {
  it('knows kinds from sources, and after a build from what they do', async () => {
    const { code, stdout } = await runCli(['routes', project.root])
    expect(code).toBe(0)
    expect(stdout).toMatch(/●  \/blog\/\[slug\] +pages\/blog\/\[slug\]\.tsx/)
    expect(stdout).toMatch(/●  \/region\/\[region\] /)
    expect(stdout).toMatch(/ƒ  \/once +pages\/once\.ts/)
    expect(stdout).not.toContain('_layout')
    expect(built.stdout).toMatch(/●  \/feed\/\[name\]\/soon +1 s\n +\/feed\/news\/soon/)
    expect(built.stdout).toMatch(/ƒ  \/reads\/\[id\]\n/)
    expect(built.stdout).toMatch(/ƒ  \/live\/\[id\] /)
  })
})

describe('a static route handler without parameters', () => {
  it('runs in the build and is replayed; with another method it runs for each request [12.11]', async () => {
    expect(noted('once')).toEqual([null])
    const first = await visit('/once')
    expect([first.status, first.headers.get('x-once'), first.cache]).toEqual([201, 'yes', HIT])
    expect((await visit('/once')).html).toBe(first.html)
    expect(noted('twice')).toEqual([])
    const free = await visit('/twice')
    expect([free.html, free.cache]).toEqual(['twice', null])
    expect((await visit('/twice', { method: 'POST' })).html).toBe('posted')
  })
})

describe('a build ends with exit code 1', () => {
  it('where generateStaticParams returns no array, naming file and route [5.10]', async () => {
    const output = await failBuild({
      'pages/[id].jsx': `export const generateStaticParams = async () => ({ id: '1' })\n${PAGE}`,
    })
    expect(output).toMatch(/`generateStaticParams` of `pages\/\[id\]\.jsx` returned an object for \/\[id\]/)
  })

  it.each([
    [
      '[slug]',
      '{ slug: { a: 1 } }',
      /`pages\/\[slug\]\.jsx`.*required parameter `slug` of \/\[slug\] as a string: received object/,
    ],
    ['[slug]', '{ slug: 5 }', /`slug` of \/\[slug\] as a string: received number/],
    ['[...slug]', "{ slug: 'a' }", /`slug` of \/\[\.\.\.slug\] as an array: received string/],
    ['[...slug]', "{ slug: ['a', 5] }", /`slug\[1\]` of \/\[\.\.\.slug\] as a string: received number/],
  ])('where a value of %s has the wrong type: %s [5.12]', async (name, set, message) => {
    expect(
      await failBuild({
        [`pages/${name}.jsx`]: `export const generateStaticParams = () => [${set}]\n${PAGE}`,
      }),
    ).toMatch(message)
  })

  it('where a closed segment is not told its own parameter; an empty list closes all paths [5.17]', async () => {
    const output = await failBuild({
      'pages/[a]/_layout.jsx':
        'export const dynamicParams = false\nexport default ({ children }) => children',
      'pages/[a]/[b].jsx': `export const generateStaticParams = () => [{ b: '1' }]\n${PAGE}`,
    })
    expect(output).toMatch(
      /`pages\/\[a\]\/_layout\.jsx` has `dynamicParams = false`, but the parameter `a` is missing from \{"b":"1"\}/,
    )
    const empty = await makeProject({
      'pages/[a].jsx': `export const dynamicParams = false\nexport const generateStaticParams = () => []\n${PAGE}`,
    })
    expect(await runCli(['build', empty.root])).toMatchObject({ code: 0 })
    const app = await startApp(empty, expressProgram(), { NODE_ENV: 'production' })
    expect((await fetch(`${app.url}/x`)).status).toBe(404)
    await app.stop()
  })

  it('where a page has getStaticPaths, too [5.22]', async () => {
    const output = await failBuild({
      'pages/[a].jsx': `export const generateStaticParams = () => []
export const getStaticPaths = () => ({ paths: [], fallback: false })
export const getStaticProps = () => ({ props: {} })
${PAGE}`,
    })
    expect(output).toMatch(/`pages\/\[a\]\.jsx` exports both `generateStaticParams` and `getStaticPaths`/)
  })

  it('where the function throws, naming the route [5.24]', async () => {
    const output = await failBuild({
      'pages/shop/[a].jsx': `export const generateStaticParams = async () => { throw new Error('no database') }\n${PAGE}`,
    })
    expect(output).toMatch(/\/shop\/\[a\]: Error: no database/)
  })

  it('where a page and a route handler have one path [12.14]', async () => {
    const output = await failBuild({
      'pages/both.jsx': PAGE,
      'pages/both.ts': "export const GET = () => new Response('x')",
    })
    expect(output).toMatch(
      /`pages\/both\.(jsx|ts)` \(\/both\) and `pages\/both\.(jsx|ts)` \(\/both\) claim the same URLs/,
    )
  })

  it('where one file is both', async () => {
    const output = await failBuild({
      'pages/both.jsx': `export const GET = () => new Response('x')\n${PAGE}`,
    })
    expect(output).toMatch(/`pages\/both\.jsx`.*`GET`.*Detected default export/)
  })
})

const PAGE = 'export default function Page() { return null }\n'

async function failBuild(files: Record<string, string>): Promise<string> {
  const broken = await makeProject(files)
  const { code, stdout, stderr } = await runCli(['build', broken.root])
  expect(code).toBe(1)
  return `${stdout}\n${stderr}`
}

/** What the build made is stale by now: lets its refresh pass. */
async function freshly(path: string) {
  await visit(path)
  await pause(200)
  return visit(path)
}

/** Waits for the refresh that a stale answer has begun. */
async function untilFresh(path: string, before: string | undefined, part: 'render' | 'html' = 'render') {
  for (let attempt = 0; attempt < 50; attempt++) {
    const seen = await visit(path)
    if (seen[part] !== before) return seen
    await pause(50)
  }
  throw new Error(`${path} stayed as it was.`)
}
