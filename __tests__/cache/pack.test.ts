import { mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createPackReader, createPackWriter, type PackReader } from '../../lib/cache/pack.js'
import { createNotFoundEntry, createPageEntry, createRedirectEntry } from '../support/entries.js'

let folder: string
const readers: PackReader[] = []

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pagepress-'))
})

afterEach(async () => {
  for (const reader of readers.splice(0)) await reader.close()
  await rm(folder, { recursive: true })
})

function open(directory = folder): PackReader {
  const reader = createPackReader(directory)
  readers.push(reader)
  return reader
}

async function write(keys: readonly string[]): Promise<number> {
  const writer = await createPackWriter(folder)
  for (const key of keys) await writer.add(key, createPageEntry(key))
  return writer.finish()
}

const packFile = () => join(folder, 'prerendered.pack')
const indexFile = () => join(folder, 'prerendered.index')

describe('a pack', () => {
  it('gives every entry back, of any number and kind', async () => {
    const keys = Array.from({ length: 3_000 }, (_, index) => `/page/${index}`)

    expect(await write(keys)).toBe(3_000)

    const reader = open()
    for (const key of keys) {
      expect(await reader.has(key)).toBe(true)
      expect(await reader.get(key)).toEqual(createPageEntry(key))
    }
    for (const key of ['/page', '/page/3000', '/', '']) {
      expect(await reader.has(key)).toBe(false)
      expect(await reader.get(key)).toBeUndefined()
    }
  })

  it('holds pages, redirects and "not found"', async () => {
    const writer = await createPackWriter(join(folder, 'a', 'b'))
    await writer.add('/page', createPageEntry())
    await writer.add('/moved', createRedirectEntry())
    await writer.add('/gone', createNotFoundEntry())
    expect(await writer.finish()).toBe(3)

    const reader = open(join(folder, 'a', 'b'))
    expect(await reader.get('/page')).toEqual(createPageEntry())
    expect(await reader.get('/moved')).toEqual(createRedirectEntry())
    expect(await reader.get('/gone')).toEqual(createNotFoundEntry())
  })

  it('may be empty', async () => {
    expect(await write([])).toBe(0)

    expect(await open().get('/a')).toBeUndefined()
  })

  it('replaces the one that was there', async () => {
    await write(['/old', '/both'])
    await write(['/both', '/new'])

    const reader = open()
    expect([await reader.has('/old'), await reader.has('/both'), await reader.has('/new')]).toEqual([
      false,
      true,
      true,
    ])
  })

  it('takes larger pages than fit between two drains of the disk', async () => {
    const writer = await createPackWriter(folder)
    const large = { ...createPageEntry(), document: Buffer.alloc(3_000_000, 'x') }
    for (const key of ['/1', '/2', '/3']) await writer.add(key, large)
    await writer.finish()

    const read = await open().get('/2')
    expect(read?.type === 'page' && read.document.equals(large.document)).toBe(true)
  })

  it('that is not there has nothing', async () => {
    const reader = open(join(folder, 'nowhere'))

    expect(await reader.has('/a')).toBe(false)
    expect(await reader.get('/a')).toBeUndefined()
  })

  it.each(['', 'PPI', 'PPI1x', `XXXX${'x'.repeat(26)}`])('with the index %j has nothing', async (index) => {
    await write(['/a'])
    await writeFile(indexFile(), index)

    expect(await open().has('/a')).toBe(false)
  })

  it('without its file of entries has nothing', async () => {
    await write(['/a'])
    await rm(packFile())

    expect(await open().get('/a')).toBeUndefined()
  })

  it('whose entries are damaged or cut off gives those that are whole [S61]', async () => {
    await write(['/a', '/b'])
    const bytes = await readFile(packFile())
    bytes[40] = bytes[40]! ^ 1
    await writeFile(packFile(), bytes)
    expect(await open().get('/a')).toBeUndefined()
    expect(await open().get('/b')).toEqual(createPageEntry('/b'))

    await truncate(packFile(), bytes.length - 1)
    expect(await open().get('/b')).toBeUndefined()
  })

  it('can be closed unopened, and is read once however many ask', async () => {
    await write(['/a'])
    await createPackReader(folder).close()

    const reader = open()
    const entries = await Promise.all(Array.from({ length: 50 }, () => reader.get('/a')))
    for (const entry of entries) expect(entry).toEqual(createPageEntry('/a'))
  })
})
