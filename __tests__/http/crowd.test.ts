/** @timed */
import { execFile } from 'node:child_process'
import { resolve } from 'node:path'
import { promisify } from 'node:util'

/** A run of bench/crowd.js, which fails by itself; what it says of it. */
async function crowd(...args: string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, [resolve('bench/crowd.js'), ...args], {
    env: { ...process.env, NODE_OPTIONS: '' },
  }).catch((error: { stdout: string; stderr: string }) => {
    throw new Error(`${error.stdout}\n${error.stderr}`)
  })
  return stdout
}

const LONG = 120_000

it(
  'ten thousand pages that expire at once are refreshed a few at a time, and visitors of others notice nothing [S108]',
  async () => expect(await crowd('expiry')).toMatch(/at most \d+ at a time\n$/),
  LONG,
)

it(
  'a page that nine of ten visitors wait two seconds for is produced once, and other pages take as long as ever [S137]',
  async () => expect(await crowd('slow')).toMatch(/61 renders/),
  LONG,
)
