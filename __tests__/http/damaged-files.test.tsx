import { mkdir, mkdtemp, readdir, readFile, rm, symlink, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createTestApp } from 'pagepress/testing'
import { createFileStore } from '../../lib/cache/file-store.js'
import { serve, stopServers } from '../support/serve.js'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pagepress-'))
})
afterEach(async () => {
  await stopServers()
  await rm(folder, { recursive: true, force: true })
})

/** A site that keeps its pages in files alone, and the file of each page. */
async function open(directory: string, buildId = 'one') {
  let calls = 0
  const errors: unknown[] = []
  const test = createTestApp({
    buildId,
    options: { cache: { maxBytes: 0 } },
    store: createFileStore({ directory, buildId, onError: (error) => errors.push(error) }),
    pages: {
      '/p/[id]': {
        default: ({ id, call }: { id: string; call: number }) => (
          <p>
            {id} {call} {'é'.repeat(500)}
          </p>
        ),
        getStaticPaths: () => ({ paths: [], fallback: 'blocking' }),
        getStaticProps: ({ params }: { params: { id: string } }) => ({ props: { ...params, call: ++calls } }),
      },
    },
  })
  const { ask } = await serve(test.app)
  /** What a visitor sees of a page: status, id and render; fails if it is not whole. */
  const visit = async (id: string) => {
    const { status, headers, body } = await ask(`/p/${id}`)
    await test.settled()
    const [, shown, call] = /<p>(\w+)<!-- --> <!-- -->(\d+)<!-- --> <!-- -->é{500}<\/p>.*<\/html>$/.exec(
      body,
    )!
    expect([status, shown]).toEqual([200, id])
    return { isHit: headers['cache-status'] === 'pagepress; hit', call: Number(call) }
  }
  const files = async () => {
    const entries = await readdir(directory, { recursive: true, withFileTypes: true })
    return entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name))
  }
  return { visit, files, errors, calls: () => calls }
}

describe('a file of a page', () => {
  /** Damages the one file in any number of ways, and sees that each leads to a fresh page and a whole file. */
  async function damage(changes: Iterable<(file: string, whole: Buffer) => Promise<unknown>>) {
    const { visit, files, errors, calls } = await open(join(folder, 'cache'))
    await visit('a')
    const [file] = await files()
    for (const change of changes) {
      expect(await visit('a')).toEqual({ isHit: true, call: calls() })
      const before = calls()
      await change(file!, await readFile(file!))
      expect(await visit('a')).toEqual({ isHit: false, call: before + 1 })
    }
    expect(await visit('a')).toEqual({ isHit: true, call: calls() })
    expect(await files()).toEqual([file])
    expect(errors).toEqual([])
  }

  it('that ends early, wherever, leads to a fresh page, which takes its place [S159]', async () => {
    await damage(
      Array.from(
        { length: 16 },
        (_, part) => (file: string, whole: Buffer) => truncate(file, Math.floor((whole.length * part) / 16)),
      ),
    )
  })

  it('with any bit turned leads to a fresh page, which takes its place [S159] (100 of 1,000)', async () => {
    await damage(
      Array.from({ length: 100 }, () => (file: string, whole: Buffer) => {
        const at = Math.floor(Math.random() * whole.length)
        whole[at] = whole[at]! ^ (1 << Math.floor(Math.random() * 8))
        return writeFile(file, whole)
      }),
    )
  })

  it('that is another page’s, another build’s, of another format, or nothing of ours leads to a fresh page [S159]', async () => {
    const other = await open(join(folder, 'other'))
    await other.visit('b')
    const [otherPage] = await other.files()
    const elsewhere = await open(join(folder, 'elsewhere'), 'two')
    await elsewhere.visit('a')
    const [otherBuild] = await elsewhere.files()
    const format = (name: string) => (file: string, whole: Buffer) =>
      writeFile(file, Buffer.concat([Buffer.from(name), whole.subarray(name.length)]))
    await damage([
      async (file) => writeFile(file, await readFile(otherPage!)),
      async (file) => writeFile(file, await readFile(otherBuild!)),
      format('PPE1'),
      format('PPE9'),
      (file) => writeFile(file, ''),
      (file) => writeFile(file, '{"status":200,"html":"<p>evil</p>"}'),
      (file, whole) => writeFile(file, Buffer.concat([whole, whole])),
      (file) => truncate(file, 2 * 1024 ** 3),
      async (file) => {
        await rm(file)
        await mkdir(join(file, 'deep'), { recursive: true })
      },
      async (file, whole) => {
        await rm(file)
        await writeFile(join(folder, 'aside'), whole)
        await symlink(join(folder, 'aside'), file)
      },
    ])
  })
})
