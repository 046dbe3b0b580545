import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

const catalogue = pathToFileURL(join(import.meta.dirname, '../../example-server/data/catalogue.js')).href

/** Runs a piece of code in a process of its own, with the catalogue's exports at hand, and reads what it prints. */
async function inProcess(database: string, code: string): Promise<unknown> {
  const script = `const shop = await import(${JSON.stringify(catalogue)}); console.log(JSON.stringify(${code}))`
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    env: { ...process.env, DATABASE_URL: pathToFileURL(database).href },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text))
  const [status] = (await once(child, 'close')) as [number]
  if (status !== 0) throw new Error(`The process ended with ${status}.`)
  return JSON.parse(output)
}

describe('the database of the shop', () => {
  let folder: string

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'shop-data-'))
  })

  afterAll(() => rm(folder, { recursive: true, force: true }))

  it('is filled once with 100,000 stamps when two processes start at the same time, in seconds', async () => {
    const database = join(folder, 'two.db')
    const started = performance.now()
    const counts = await Promise.all([
      inProcess(database, 'await shop.countStamps()'),
      inProcess(database, 'await shop.countStamps()'),
    ])
    expect(counts).toEqual([100_000, 100_000])
    expect(performance.now() - started).toBeLessThan(20_000)
  }, 40_000)

  it('finds stamps by the beginnings of words, by country and by subject, page by page', async () => {
    const search = (wish: object) =>
      `(await shop.searchStamps(${JSON.stringify({ words: '', country: '', motif: '', order: 'number', page: 1, ...wish })}))`
    const found = (await inProcess(
      join(folder, 'two.db'),
      `{ words: ${search({ words: 'packet farr' })}, both: ${search({ country: 'Vell', motif: 'moon', order: 'dear' })},
         first: ${search({})}, second: ${search({ page: 2 })}, odd: ${search({ words: 'moon" OR "x' })} }`,
    )) as Record<
      string,
      { total: number; stamps: { id: number; title: string; country: string; price: number }[] }
    >

    expect(found['words']!.total).toBeGreaterThan(10)
    for (const { title } of found['words']!.stamps) expect(title).toMatch(/^The Farrow Packet$/)
    for (const { country } of found['both']!.stamps) expect(country).toBe('Vell')
    const prices = found['both']!.stamps.map(({ price }) => price)
    expect(prices).toEqual(prices.toSorted((a, b) => b - a))
    expect(found['first']!.total).toBe(100_000)
    expect(found['second']!.stamps[0]!.id).toBe(found['first']!.stamps.at(-1)!.id + 1)
    expect(found['odd']!.total).toBe(0)
  })
})
