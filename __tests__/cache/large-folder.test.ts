import { linkSync, mkdirSync, writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { lengthOf } from '../support/full-length.js'
import { makeProject, removeProjects, runCli, startApp } from '../support/project.js'

afterAll(removeProjects, 120_000)

const FILES = lengthOf(20_000, 1_000_000)

/** Serves the pages of the current folder, and tells how long the start took and which folders have been listed. */
const program = `
import fs from 'node:fs'
import promises from 'node:fs/promises'
import { syncBuiltinESMExports } from 'node:module'
const listed = []
for (const owner of [fs, promises])
  for (const name of ['readdir', 'readdirSync', 'opendir', 'opendirSync', 'glob', 'globSync']) {
    const real = owner[name]
    if (real === undefined) continue
    owner[name] = (path, ...more) => {
      listed.push(String(path))
      return real(path, ...more)
    }
  }
syncBuiltinESMExports()
const { default: express } = await import('express')
const { pages } = await import(${JSON.stringify(resolve('dist/index.js'))})
const begun = performance.now()
const site = pages()
await site.ready()
const milliseconds = performance.now() - begun
const app = express()
app.get('/-/start', (_req, res) => res.json({ milliseconds, listed }))
app.get('/-/revalidate', (_req, res, next) => site.revalidate('/a').then(() => res.send('done'), next))
app.use(site)
const server = app.listen(0, '127.0.0.1', () => console.log('url http://127.0.0.1:' + server.address().port))
process.once('SIGTERM', async () => {
  server.close()
  server.closeAllConnections()
  await site.close()
})`

/** Fills a folder as a site does that has kept many pages: in sub-folders, under names that are hashes. */
function fill(folder: string): void {
  for (let at = 0; at < 256; at += 1) {
    const subfolder = join(folder, at.toString(16).padStart(2, '0'))
    mkdirSync(subfolder, { recursive: true })
    const nameOf = (index: number) => join(subfolder, index.toString(16).padStart(62, '0'))
    writeFileSync(nameOf(0), 'PPE2')
    for (let index = 1; index < FILES / 256; index += 1) linkSync(nameOf(0), nameOf(index))
  }
}

it(`a site starts, and serves from a folder of ${FILES} kept pages, without looking through it [S152]`, async () => {
  const project = await makeProject({
    'pages/[id].jsx': `
export const getStaticPaths = () => ({ paths: ['/a'], fallback: 'blocking' })
export const getStaticProps = ({ params }) => ({ props: params, revalidate: 1_000 })
export default function Page({ id }) { return <p>{id}</p> }`,
  })
  const { code, stderr } = await runCli(['build', project.root])
  if (code !== 0) throw new Error(stderr)
  const { buildId } = JSON.parse(await readFile(join(project.root, '.pagepress/manifest.json'), 'utf8'))
  const folder = join(project.root, '.pagepress/cache', buildId)
  fill(folder)

  const site = await startApp(project, program, { NODE_ENV: 'production' })
  const get = async (path: string) => (await fetch(site.url + path)).text()
  const toldOfStart = async () =>
    JSON.parse(await get('/-/start')) as { milliseconds: number; listed: string[] }
  const listedInFolder = async () => (await toldOfStart()).listed.filter((path) => path.startsWith(folder))

  expect(await get('/a')).toContain('<p>a</p>')
  expect(await listedInFolder()).toEqual([])
  // The time is for a run of full length, on a machine of its own.
  expect((await toldOfStart()).milliseconds).toBeLessThan(lengthOf(Infinity, 1_000))

  // Only who writes has to know how full it is, and finds out behind the visitors.
  await get('/-/revalidate')
  for (let look = 0; look < 400 && (await listedInFolder()).length === 0; look += 1) await pause(25)
  expect(await listedInFolder()).toContain(folder)
  expect(await get('/a')).toContain('<p>a</p>')
  await site.stop()
}, 300_000)
