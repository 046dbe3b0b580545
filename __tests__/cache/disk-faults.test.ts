import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { Agent, get } from 'node:http'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { promisify } from 'node:util'
import { createFileStore } from '../../lib/cache/file-store.js'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pagepress-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const open = (directory: string) =>
  createFileStore({
    directory,
    buildId: 'b',
    onError(error) {
      throw error
    },
  })

interface Call {
  readonly name: string
  readonly path: string
  readonly to?: string
  readonly mode?: number
}

const env = { ...process.env, NODE_OPTIONS: '' }
const tracer = join(import.meta.dirname, '../support/traced-disk.js')

async function runTracer<T>(...args: string[]): Promise<T> {
  const { stdout } = await promisify(execFile)(process.execPath, [tracer, ...args], { env })
  return JSON.parse(stdout) as T
}

async function versionIn(directory: string): Promise<number> {
  const entry = await open(directory).get('/a')
  if (entry?.type !== 'page') return 0
  const version = Number(entry.data.toString())
  expect(entry.document.toString()).toBe(`<p>${version} ${'é'.repeat(2_000)}</p>`)
  return version
}

/** The calls that change what lies on the disk, locks aside. */
function changesOf(calls: readonly Call[]): Call[] {
  const changing = ['mkdir', 'create', 'writeFile', 'sync', 'rename']
  return calls.filter(({ name, path }) => changing.includes(name) && !path.endsWith('.lock'))
}

describe('a page that takes the place of another', () => {
  it('is written next to it under a name that nobody has, synced, closed, and only then renamed [S155]', async () => {
    const calls = await runTracer<Call[]>(join(folder, 'a'), 'trace')
    const { path: temporary, to: file } = calls.find(({ name }) => name === 'rename')!
    const protocol = changesOf(calls)
    expect(protocol.map(({ name }) => name)).toEqual(['mkdir', 'create', 'writeFile', 'sync', 'rename'])
    for (const { path } of protocol.slice(1)) expect(path).toBe(temporary)
    const renamed = calls.findIndex(({ name }) => name === 'rename')
    const closed = calls.findIndex(({ name, path }) => name === 'close' && path === temporary)
    expect(closed).toBeGreaterThan(calls.findIndex(({ name }) => name === 'sync'))
    expect(closed).toBeLessThan(renamed)
    expect(dirname(temporary)).toBe(dirname(file!))
    // `create` is an open that fails where there is a file or a link already (O_EXCL).
    expect(protocol[1]!.mode).toBe(0o600)
    const again = await runTracer<Call[]>(join(folder, 'b'), 'trace')
    expect(basename(changesOf(again)[1]!.path)).not.toBe(basename(temporary))
  })

  it('or the other is there, wherever between two calls the process ends [S155]', async () => {
    const calls = await runTracer<Call[]>(join(folder, 'whole'), 'trace')
    const found = await Promise.all(
      calls.map(async (_call, count) => {
        const directory = join(folder, `${count}`)
        const child = spawn(process.execPath, [tracer, directory, 'die', `${count}`], {
          env,
          stdio: 'ignore',
        })
        expect(await once(child, 'exit')).toEqual([null, 'SIGKILL'])
        return versionIn(directory)
      }),
    )
    const renamed = calls.findIndex(({ name }) => name === 'rename')
    expect(found).toEqual(calls.map((_call, count) => (count <= renamed ? 1 : 2)))
    expect(await versionIn(join(folder, 'whole'))).toBe(2)
  })

  it('or the other is there, whatever of what was not synced a power failure takes away [S155]', async () => {
    const calls = changesOf(await runTracer<Call[]>(join(folder, 'whole'), 'trace'))
    const file = calls.at(-1)!.to!
    const newBytes = await readFile(file)
    const before = spawn(process.execPath, [tracer, join(folder, 'before'), 'die', '0'], {
      env,
      stdio: 'ignore',
    })
    await once(before, 'exit')
    const place = file.slice(join(folder, 'whole').length)
    const oldBytes = await readFile(join(folder, 'before') + place)

    const seen = new Set<number>()
    let states = 0
    for (let done = 0; done <= calls.length; done += 1)
      for (const { name, content } of statesAfter(calls.slice(0, done), newBytes)) {
        const directory = join(folder, `state-${states++}`)
        await mkdir(dirname(directory + place), { recursive: true })
        await writeFile(directory + place, oldBytes)
        if (name !== undefined) await writeFile(join(dirname(directory + place), name), content)
        const version = await versionIn(directory)
        expect([1, 2]).toContain(version)
        seen.add(version)
      }
    expect(states).toBeGreaterThan(10)
    expect([...seen].sort()).toEqual([1, 2])
  })
})

/**
 * What a disk may hold after a power failure: of bytes that were not synced any part, and of names that were made or
 * changed either the old or the new. `name` is the file in which the new page's bytes are then, if any.
 */
function statesAfter(calls: readonly Call[], newBytes: Buffer): { name?: string; content: Buffer }[] {
  const done = calls.map(({ name }) => name)
  const count = (name: string) => done.filter((one) => one === name).length
  if (count('create') === 0) return [{ content: newBytes }]
  const temporary = basename(calls.find(({ name }) => name === 'create')!.path)
  const whole = newBytes.length
  const lengths = done.includes('sync')
    ? [whole]
    : done.includes('writeFile')
      ? [0, 1, whole >> 1, whole - 1, whole]
      : [0]
  const names = [undefined, temporary, ...(done.includes('rename') ? [basename(calls.at(-1)!.to!)] : [])]
  return names.flatMap((name) =>
    lengths.map((length) => ({ ...(name !== undefined && { name }), content: newBytes.subarray(0, length) })),
  )
}

describe('a file system that fails', () => {
  it('with any of ten errors at any of twelve calls is a miss or the page that there was, and throws nothing [S158]', async () => {
    interface Seen {
      name: string
      code: string
      meanwhile: number
      after: number
      errors: string[]
    }
    const seen = await runTracer<Seen[]>(join(folder, 'a'), 'fail')
    expect(seen).toHaveLength(120)
    const reading = ['open', 'fstat', 'readFile', 'close']
    const writing = ['mkdir', 'create', 'writeFile', 'sync', 'rename', 'close']
    for (const { name, code, meanwhile, after, errors } of seen) {
      expect([name, code, meanwhile]).toEqual([name, code, reading.includes(name) ? 0 : 1])
      // What could not be written has left the old page; one warning says so.
      expect([name, code, after]).toEqual([name, code, writing.includes(name) ? 1 : 2])
      expect(errors).toEqual(writing.includes(name) ? [expect.stringContaining(`: ${code}: ${name}.`)] : [])
    }
    const left = await readdir(join(folder, 'a'), { recursive: true })
    expect(left.filter((one) => one.endsWith('.tmp'))).toEqual([])
  })

  it('has no descriptors left for 500 visitors at once: who is let in gets a whole page, and the process goes on [S158]', async () => {
    const script = join(import.meta.dirname, '../support/disk-site.js')
    // 64 are left when it listens.
    const child = spawn(
      'sh',
      ['-c', 'ulimit -n 512; exec "$@"', 'sh', process.execPath, script, join(folder, 'a'), 'disk', '448'],
      { env, stdio: ['ignore', 'pipe', 'pipe'] },
    )
    try {
      let errors = ''
      child.stderr.on('data', (bytes) => (errors += String(bytes)))
      const [line] = (await once(child.stdout, 'data')) as [Buffer]
      const port = Number(/listening (\d+)/.exec(String(line))![1])
      const read = (path: string, agent: Agent | false) =>
        new Promise<string>((resolve) => {
          const sent = get({ port, host: '127.0.0.1', path, agent, timeout: 20_000 }, (res) => {
            let body = ''
            res.setEncoding('utf8').on('data', (text) => (body += text))
            res.on('error', () => resolve('cut off')).on('end', () => resolve(`${res.statusCode} ${body}`))
          })
          sent.on('timeout', () => sent.destroy()).on('error', () => resolve('refused'))
        })
      const ask = async (id: string, agent: Agent | false = false) => {
        const answer = await read(`/p/${id}`, agent)
        return answer.includes(`<p>${id} `) && answer.endsWith('</html>')
          ? `${answer.slice(0, 4)}whole`
          : answer
      }
      /** Node lets go of the last crowd's connections a little after it has answered them. */
      const untilAnswered = async (visit: () => Promise<string[]>) => {
        for (let attempt = 0; attempt < 200; attempt += 1) {
          if ((await visit()).every((answer) => answer === '200 whole')) return
          await pause(20)
        }
        throw new Error('Nobody is let in any more.')
      }
      for (let round = 0; round < 2; round += 1) {
        await untilAnswered(() => Promise.all(Array.from({ length: 30 }, () => ask('page-0'))))
        const answers = await Promise.all(
          Array.from({ length: 500 }, (_, index) => ask(`page-${index % 50}`)),
        )
        // By Node, when it can take no more connections.
        const kinds = new Set(answers)
        kinds.delete('refused')
        expect([...kinds]).toEqual(['200 whole'])
      }

      const agent = new Agent({ keepAlive: true, maxSockets: 5 })
      const askAll = (count: number) =>
        Promise.all(Array.from({ length: count }, (_, index) => ask(`page-${index % 50}`, agent)))
      await untilAnswered(() => askAll(5))
      expect(await read('/-/exhaust', agent)).toBe('200 EMFILE')
      expect([...new Set(await askAll(500))]).toEqual(['200 whole'])
      expect(errors).toMatch(/EMFILE/)

      expect(await read('/-/release', agent)).toBe('200 released')
      agent.destroy()
      await untilAnswered(async () => [await ask('page-after')])
      expect(child.exitCode).toBeNull()
    } finally {
      child.kill('SIGKILL')
      await once(child, 'exit')
    }
  }, 60_000)
})
