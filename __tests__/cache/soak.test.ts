import { execFile } from 'node:child_process'
import { resolve } from 'node:path'
import { promisify } from 'node:util'

/** A run of bench/soak.js, which fails by itself; what it says of it. */
async function soak(what: string, count: number): Promise<string> {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--expose-gc', '--disable-warning=ExperimentalWarning', resolve('bench/soak.js'), what, String(count)],
    { env: { ...process.env, NODE_OPTIONS: '' } },
  ).catch((error: { stdout: string }) => {
    throw new Error(error.stdout || String(error))
  })
  return stdout
}

const LONG = 60_000

it(
  'strangers who ask for any number of pages fill neither the memory nor the folder, and push out no page that others visit [S131] (10,000 of 1,000,000)',
  async () => expect(await soak('slugs', 10_000)).toMatch(/10000 slugs in/),
  LONG,
)

it(
  'pages that do not exist take at most 200 bytes each, however long the URL was, and push out none that does [S132] (20,000 of 1,000,000)',
  async () => expect(await soak('missing', 20_000)).toMatch(/10000 results kept, \d+ bytes each/),
  LONG,
)

it(
  'refreshes leave nothing behind in memory [S136] (20,000 of 1,000,000)',
  async () => expect(await soak('refreshes', 20_000)).toMatch(/refreshed 20000/),
  LONG,
)

it(
  'visits to pages that are rendered for each leave no signals, timers, sockets or memory behind, nor do visitors who leave [S136] (3,000 of 1,000,000)',
  async () => expect(await soak('requests', 3_000)).toMatch(/AbortSignal: \d+ at a tenth, \d+ at the end/),
  LONG,
)
