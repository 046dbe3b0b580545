import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createFileStore } from '../../lib/cache/file-store.js'
import { createSeededStore } from '../../lib/cache/seeded-store.js'
import { createPackReader, createPackWriter, type PackReader } from '../../lib/cache/pack.js'
import { createPageEntry } from '../support/entries.js'

let folder: string
let seed: PackReader
let errors: unknown[]

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pagepress-'))
  seed = createPackReader(join(folder, 'none'))
  errors = []
})

afterEach(async () => {
  await seed.close()
  await rm(folder, { recursive: true, force: true })
})

const createStore = (directory = join(folder, 'cache')) =>
  createFileStore({ directory, onError: (error) => errors.push(error) })

async function filesBelow(directory: string): Promise<string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true })
  return entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name))
}

describe('the file store', () => {
  it('makes its folder when the first entry is kept', async () => {
    const store = createStore()
    expect(await readdir(folder)).toEqual([])

    await store.set('/a', createPageEntry())

    expect(await readdir(folder)).toEqual(['cache'])
  })

  it('outlives the process [7.18]', async () => {
    await createStore().set('/a', createPageEntry('kept'))

    expect(await createStore().get('/a')).toEqual(createPageEntry('kept'))
  })

  it('names files by a hash alone, readable by nobody else, and leaves no temporary ones [S60]', async () => {
    const store = createStore()
    for (const key of ['/../../x', '/a b', '/é']) await store.set(key, createPageEntry())

    const files = await filesBelow(join(folder, 'cache'))
    expect(files).toHaveLength(3)
    for (const file of files) {
      expect(file.slice(join(folder, 'cache').length)).toMatch(/^[/\\][0-9a-f]{2}[/\\][0-9a-f]{62}$/)
      expect((await stat(file)).mode & 0o777).toBe(0o600)
      expect((await stat(dirname(file))).mode & 0o777).toBe(0o700)
    }
  })

  it('takes a damaged, empty or foreign file for none', async () => {
    const store = createStore()
    await store.set('/a', createPageEntry('a'))
    const [file] = await filesBelow(join(folder, 'cache'))
    const whole = await readFile(file!)

    for (const bytes of [Buffer.alloc(0), whole.subarray(0, 40), Buffer.from('{}'), Buffer.alloc(500, 1)]) {
      await writeFile(file!, bytes)
      expect(await store.get('/a')).toBeUndefined()
    }
    await store.set('/a', createPageEntry('mended'))
    expect(await store.get('/a')).toEqual(createPageEntry('mended'))
    expect(errors).toEqual([])
  })

  it('takes the file of another key for none', async () => {
    const store = createStore()
    await store.set('/a', createPageEntry('a'))
    const [a] = await filesBelow(join(folder, 'cache'))
    await store.set('/b', createPageEntry('b'))
    const b = (await filesBelow(join(folder, 'cache'))).find((file) => file !== a)

    await writeFile(b!, await readFile(a!))

    expect(await store.get('/b')).toBeUndefined()
    expect(await store.get('/a')).toEqual(createPageEntry('a'))
  })

  it('ignores what a killed process has left half written', async () => {
    const store = createStore()
    await store.set('/a', createPageEntry('whole'))
    const [file] = await filesBelow(join(folder, 'cache'))
    await writeFile(`${file}.abcdef.tmp`, 'half')

    expect(await store.get('/a')).toEqual(createPageEntry('whole'))
    await store.set('/a', createPageEntry('next', 2_000))
    expect(await store.get('/a')).toEqual(createPageEntry('next', 2_000))
  })

  it('warns once of a folder that it cannot write, and goes on', async () => {
    // Root may write anywhere; a file in the folder's place stops everybody.
    await writeFile(join(folder, 'cache'), 'a file')
    const store = createStore()

    await store.set('/a', createPageEntry())
    await store.set('/b', createPageEntry())

    expect(errors).toHaveLength(1)
    expect(await store.get('/a')).toBeUndefined()
  })

  it('takes a folder in the place of an entry away', async () => {
    const store = createStore()
    await store.set('/a', createPageEntry('one'))
    const [file] = await filesBelow(join(folder, 'cache'))
    await rm(file!)
    await mkdir(join(file!, 'in-the-way'), { recursive: true })

    await store.set('/a', createPageEntry('two', 2_000))

    expect(await store.get('/a')).toEqual(createPageEntry('two', 2_000))
    expect(await filesBelow(join(folder, 'cache'))).toEqual([file])
  })

  it('replaces a link instead of writing through it [S60]', async () => {
    const store = createStore()
    await store.set('/a', createPageEntry('one'))
    const [file] = await filesBelow(join(folder, 'cache'))
    const target = join(folder, 'target')
    await writeFile(target, 'untouched')
    await rm(file!)
    await symlink(target, file!)

    await store.set('/a', createPageEntry('two', 2_000))

    expect(await readFile(target, 'utf8')).toBe('untouched')
    expect(await store.get('/a')).toEqual(createPageEntry('two', 2_000))
  })

  it('rejects where it cannot delete', async () => {
    if (process.getuid?.() === 0) return
    const store = createStore()
    await store.set('/a', createPageEntry())
    const [file] = await filesBelow(join(folder, 'cache'))
    await chmod(dirname(file!), 0o500)

    await expect(store.delete('/a')).rejects.toThrow()
    await chmod(dirname(file!), 0o700)
  })
})

describe('the file store over the pages of a build', () => {
  async function createSeeded(renderedAt: number) {
    const writer = await createPackWriter(join(folder, 'pack'))
    await writer.add('/a', createPageEntry('built', renderedAt))
    await writer.finish()
    seed = createPackReader(join(folder, 'pack'))
    return createSeededStore(createStore(), seed)
  }

  it('gives what was built until something newer is kept', async () => {
    const store = await createSeeded(1_000)
    expect(await store.get('/a')).toEqual(createPageEntry('built', 1_000))

    await store.set('/a', createPageEntry('refreshed', 2_000))
    expect(await store.get('/a')).toEqual(createPageEntry('refreshed', 2_000))
  })

  it('gives what was built where the kept one is older', async () => {
    const store = await createSeeded(3_000)
    await store.set('/a', createPageEntry('from before', 2_000))

    expect(await store.get('/a')).toEqual(createPageEntry('built', 3_000))
  })
})
