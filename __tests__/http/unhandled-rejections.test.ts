import { execFile } from 'node:child_process'
import { mkdtemp, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)
const repository = resolve('.')

/** Runs a process in which pages, visitors, store and listeners fail, to its end. */
async function trouble(kind?: 'floating') {
  const script = join(import.meta.dirname, '../support/troubled-site.js')
  const { stdout } = await run(process.execPath, [script, ...(kind === undefined ? [] : [kind])], {
    env: { ...process.env, NODE_OPTIONS: '' },
    timeout: 20_000,
    maxBuffer: 64 * 1024 * 1024,
  })
  return JSON.parse(stdout.trim().split('\n').at(-1)!) as {
    answered: number
    unhandled: string[]
    passed: string[]
  }
}

describe('a process in which everything fails that can', () => {
  it('has no rejection that nobody handles, ends by itself, and serves until then [S162]', async () => {
    expect(await trouble()).toEqual({ answered: 200, unhandled: [], passed: [] })
  })

  it('has those that pages leave behind themselves: they are the app’s to see, and their visitor gets the 500 [S116]', async () => {
    expect(await trouble('floating')).toEqual({
      answered: 500,
      unhandled: ['Error: floating'],
      passed: ['Error: and thrown'],
    })
  })
})

describe('the tests themselves', () => {
  it('fail when a rejection is unhandled, during a test or between them [S162]', async () => {
    const folder = await realpath(await mkdtemp(join(tmpdir(), 'pagepress-')))
    try {
      const leave = 'void Promise.reject(new Error("floating"))'
      const wait = 'await new Promise((done) => setTimeout(done, 20))'
      await writeFile(
        join(folder, 'during.test.js'),
        `it('passes', async () => {})\nit('leaves one', async () => { ${leave}; ${wait} })`,
      )
      await writeFile(
        join(folder, 'between.test.js'),
        `it('passes', () => {})\nafterAll(async () => { ${leave}; ${wait} })`,
      )
      await writeFile(join(folder, 'none.test.js'), `it('passes', async () => { ${wait} })`)
      const { stdout } = await runJest(folder)
      const { testResults } = JSON.parse(stdout) as { testResults: { name: string; status: string }[] }
      const statuses = testResults.map(({ name, status }) => `${name.slice(folder.length + 1)} ${status}`)
      expect(statuses.sort()).toEqual([
        'between.test.js failed',
        'during.test.js failed',
        'none.test.js passed',
      ])
    } finally {
      await rm(folder, { recursive: true })
    }
  })
})

/** Its exit code says that tests have failed, which is what is wanted. */
async function runJest(rootDir: string): Promise<{ stdout: string }> {
  const config = JSON.stringify({
    rootDir,
    testEnvironment: 'node',
    transform: {},
    testMatch: ['**/*.test.js'],
  })
  const args = [
    join(repository, 'node_modules/jest/bin/jest.js'),
    '--config',
    config,
    '--json',
    '--runInBand',
  ]
  return run(process.execPath, args, { cwd: rootDir, env: { ...process.env, NODE_OPTIONS: '' } }).catch(
    (error: { stdout: string }) => error,
  )
}
