import { execFile } from 'node:child_process'
import { resolve } from 'node:path'
import { promisify } from 'node:util'

it('a site that is killed under load, again and again, serves whole pages from what it has left [S154] (6 kills of 1,000)', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [resolve('bench/kill.js'), '6'], {
    env: { ...process.env, NODE_OPTIONS: '' },
  })
  expect(stdout).toMatch(/^6 kills: \d+ pages were whole, \d+ of them found in the folder after a restart/)
  expect(stdout).toContain(', 0 of them for good')
}, 60_000)
