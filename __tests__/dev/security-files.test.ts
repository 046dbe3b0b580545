import { jest } from '@jest/globals'
import { join } from 'node:path'
import { expressProgram, makeProject, removeProjects, startApp, type RunningApp } from '../support/project.js'
import { askRaw } from '../support/raw.js'
import { pathShapes } from '../support/security-inputs.js'

jest.setTimeout(60_000)

let app: RunningApp
let port: number
/** The folder around the project, which holds files that are nobody's business. */
let outer: string
let root: string

const MARKER = 'MARKER-OF-A-FILE'

beforeAll(async () => {
  const folder = await makeProject({
    'outside.txt': MARKER,
    'unsafe.html': `<p>${MARKER}</p>`,
    'outside.js.map': JSON.stringify({ version: 3, sources: [], mappings: '', file: MARKER }),
    'site/package.json': '{"name":"site","private":true}',
    'site/.env': `SECRET_WORD=${MARKER}`,
    'site/.env.local': `SECRET_WORD=${MARKER}`,
    'site/server.key': MARKER,
    'site/server.pem': MARKER,
    'site/.git/config': MARKER,
    'site/.pagepress/manifest.json': JSON.stringify({ draftKeys: MARKER }),
    'site/.pagepress/server/entry.js': `export const key = '${MARKER}'`,
    'site/lib/safe.txt': 'SAFE-WORDS',
    'site/lib/secret.ts': `export const secret = '${MARKER}'`,
    'site/pages/index.tsx': 'export default () => <p>HOME PAGE</p>',
    'site/pages/about.tsx': `import { secret } from '../lib/secret'
export const getServerSideProps = () => ({ props: { size: secret.length } })
export default () => <p>ABOUT PAGE</p>`,
  })
  outer = folder.root
  root = join(outer, 'site')
  app = await startApp(folder, expressProgram({ options: `{ root: ${JSON.stringify(root)} }` }), {
    NODE_ENV: 'development',
  })
  port = Number(new URL(app.url).port)
  expect((await askRaw(port, '/')).body).toContain('HOME PAGE')
})

afterAll(removeProjects)

/** What is written behind a file's URL: queries that ask Vite for another form of it, and tails that hide its name. */
const tails = [
  '',
  '?',
  '??',
  '?raw',
  '?raw?',
  '?raw??',
  '?raw&',
  '?raw&import',
  '?raw?import',
  '?import',
  '?import&raw',
  '?import&raw??',
  '?import&raw??&',
  '?import?raw',
  '?import&?raw',
  '?inline',
  '?inline&import',
  '?import&inline',
  '?inline=1.wasm?init',
  '?import&?inline=1.wasm?init',
  '?.svg?.wasm?init',
  '?.svg?import&raw',
  '?x=.svg?.wasm?init',
  '?url&inline',
  '?import&url&inline',
  '?worker&inline',
  '?direct',
  '?html-proxy&index=0.js',
  '?v=1',
  '?t=1&raw',
  '?raw%3f',
  '%3fraw',
  '/',
  '/.',
  '/./',
  '/x/..',
  '/..',
  '\\',
  '\\.',
  '%5c',
  '%5c?raw',
  '/?raw',
  '/.?raw',
  '/?/../?raw',
  '%00',
  '%00?raw',
  '%20',
  '%2e',
  '.',
  '.?raw',
  '::$DATA',
  '::$DATA?raw',
  '#',
  '#/../',
  '#?raw',
]

/** Ways to a file from below the base of Vite, which the file's path follows. */
function waysTo(file: string, base: string): string[] {
  const isInside = base === root
  const plain = isInside ? `/_assets/${file}` : `/_assets/../${file}`
  return [
    plain,
    `/_assets/@fs${base}/${file}`,
    `/_assets/@fs/${base}/${file}`,
    `/_assets/@fs${root}/lib/../${isInside ? '' : '../'}${file}`,
    `/_assets/@fs${root}/x/x/../../${isInside ? '' : '../'}${file}`,
    `/_assets/@fs${root}/lib/%2e%2e/${isInside ? '' : '%2e%2e/'}${file}`,
    `/_assets/@fs${root}/lib/..%2f${isInside ? '' : '..%2f'}${file}`,
    `/_assets/@fs${root}/lib/..%5c${isInside ? '' : '..%5c'}${file}`,
    `/_assets/@fs${root}/lib\\..\\${isInside ? '' : '..\\'}${file}`,
    `/_assets/@fs${root}/#/../${isInside ? '' : '../'}${file}`,
    `/_assets/@fs${root}/?/../${isInside ? '' : '../'}${file}`,
    `/_assets/@id/${base}/${file}`,
    `/_assets/@id/__x00__${base}/${file}`,
    `/_assets/lib/../${isInside ? '' : '../'}${file}`,
    `/_assets/lib/%2e%2e/${isInside ? '' : '%2e%2e/'}${file}`,
    `/_assets/lib/..%2f${isInside ? '' : '..%2f'}${file}`,
    `/_assets//${isInside ? '' : '../'}${file}`,
    `/_assets/<x-mark>/../${isInside ? '' : '../'}${file}`,
    `/_assets/@fs/<x-mark>${base}/${file}`,
  ]
}

/** A few at a time: each is a connection of its own. */
async function askAll(targets: readonly string[], check: (target: string, answer: Answer) => void) {
  const queue = [...targets]
  const work = async () => {
    for (let target = queue.pop(); target !== undefined; target = queue.pop())
      check(target, await askRaw(port, target))
  }
  await Promise.all(Array.from({ length: 8 }, work))
}

type Answer = Awaited<ReturnType<typeof askRaw>>

describe('Vite, through the app', () => {
  it('serves files of the project that are not secret, which shows that the forms below are understood', async () => {
    for (const file of ['/_assets/lib/safe.txt', `/_assets/@fs${root}/lib/safe.txt`])
      for (const tail of ['', '?raw', '?import&raw', '?raw&import'])
        expect([tail, (await askRaw(port, file + tail)).body]).toEqual([
          tail,
          expect.stringContaining('SAFE-WORDS'),
        ])
  })

  it('sends nothing of secret files and of those around the project, whichever way they are asked for [S97]', async () => {
    const files = [
      ['.env', root],
      ['.env.local', root],
      ['outside.txt', outer],
    ] as const
    const few = [
      ['server.key', root],
      ['server.pem', root],
      ['.git/config', root],
      ['.pagepress/manifest.json', root],
      ['.pagepress/server/entry.js', root],
      ['.PAGEPRESS/manifest.json', root],
      ['unsafe.html', outer],
    ] as const
    const targets = [
      ...files.flatMap(([file, base]) =>
        waysTo(file, base).flatMap((way) => tails.map((tail) => way + tail)),
      ),
      ...few.flatMap(([file, base]) => waysTo(file, base).flatMap((way) => [way, `${way}?raw`])),
      ...['.pagepress/dev/vite/deps', `@fs${root}/.pagepress/dev/vite/deps`].flatMap((deps) =>
        ['../../../../../', '..%2f..%2f..%2f..%2f..%2f', '%2e%2e/%2e%2e/%2e%2e/%2e%2e/%2e%2e/'].map(
          (up) => `/_assets/${deps}/${up}outside.js.map`,
        ),
      ),
      ...['http://localhost', 'http://evil.test', 'file://', 'file://h?'].flatMap((front) => [
        `${front}/_assets/.env?raw`,
        `${front}/_assets/@fs${outer}/outside.txt?import&raw`,
      ]),
      ...['ENV~1', 'ENV~1.LOC', 'SERVER~1.KEY'].flatMap((name) => [
        `/_assets/${name}`,
        `/_assets/@fs${root}/${name}?raw`,
      ]),
    ]
    const wrong: string[] = []
    await askAll(targets, (target, { status, headers, body }) => {
      const isHtml = headers['content-type']?.includes('html') === true
      if (
        ![400, 403, 404].includes(status) ||
        body.includes(MARKER) ||
        JSON.stringify(headers).includes(MARKER) ||
        (isHtml && body.includes('<x-mark>'))
      )
        wrong.push(`${target} → ${status} ${headers['content-type']} ${body.slice(0, 200)}`)
    })
    expect(wrong).toEqual([])
  })
})

describe('the site in development', () => {
  it('reads no file by URL: pages of the table of pages are all it renders [S98]', async () => {
    const files = [
      'dist/server/index.js',
      'pages/about.tsx',
      'pages/about',
      'pages/index.tsx',
      'lib/secret.ts',
      'about.tsx',
      'manifest.json',
      '.pagepress/manifest.json',
      '.pagepress/dev/vite/deps/_metadata.json',
      '.env',
      'package.json',
      'outside.txt',
      'index.js.map',
    ]
    const targets = [
      ...files.flatMap((file) =>
        [
          '/',
          '/_data/',
          '/../',
          '/%2e%2e/',
          '/_data/../',
          '/about/../',
          '/about/..%2f',
          '//',
          '/_assets/../',
        ].map((front) => front + file),
      ),
      ...files.map((file) => `/_data/${file}.json`),
      ...[
        '/_assets/../server/entry.js',
        '/_assets/%2e%2e/server/entry.js',
        '/_assets/..%2fserver%2fentry.js',
      ],
      ...pathShapes('/about'),
    ]
    const rendered: string[] = []
    const wrong: string[] = []
    await askAll(targets, (target, { status, body, headers }) => {
      if (status === 200 && body.includes('ABOUT PAGE')) rendered.push(target)
      else if (![308, 400, 403, 404].includes(status))
        wrong.push(`${target} → ${status} ${headers['content-type']} ${body.slice(0, 120)}`)
      if (body.includes(MARKER) || body.includes('getServerSideProps')) wrong.push(`${target} → ${body}`)
    })
    expect(wrong).toEqual([])
    const pathOf = (target: string) => target.replace(/^\w+:\/\/[^/?]*/, '').replace(/[?#].*/s, '')
    expect([...new Set(rendered.map(pathOf))]).toEqual(['/about'])
  })
})
