import { jest } from '@jest/globals'
import { execFile } from 'node:child_process'
import { resolve } from 'node:path'
import { promisify } from 'node:util'
// Of a script that is not part of the package.
import { check } from '../../bench/nemesis/check.js'
import { describeRedis } from '../support/redis.js'

jest.setTimeout(120_000)

const page = '/long/1'
const visit = { machine: 1, path: page, at: 20_000, end: 20_010, status: 200, text: `${page} 2` }
const purge = { machine: 1, paths: [page], at: 15_000, end: 15_100, outcome: 'done' as const }
const calm = {
  // The first version was read at once, the second before the purge, the third after it.
  readings: { [page]: [1_000, 14_000, 15_050], '/brief/1': [1_000] },
  reads: [{ ...visit, text: `${page} 3` }],
  purges: [purge],
  troubles: [],
  deaths: {},
  end: 60_000,
}

describe('what is looked for in the history of a fleet', () => {
  const faults: [string, Partial<Parameters<typeof check>[0]>, RegExp | undefined][] = [
    ['nothing, where all is well', {}, undefined],
    ['a version that nobody has made', { reads: [{ ...visit, text: `${page} 4` }] }, /ever made/],
    ['a version from later', { reads: [{ ...visit, at: 900, end: 999, text: `${page} 1` }] }, /ever made/],
    ['another page', { reads: [{ ...visit, text: '/long/2 1' }] }, /ever made/],
    ['a page from before its own revalidation', { reads: [visit] }, /its own revalidation/],
    [
      'one of another machine, when all have heard',
      { reads: [{ ...visit, machine: 2, at: 30_000 }] },
      /all have/,
    ],
    ['one of another machine, at once', { reads: [{ ...visit, machine: 2, at: 15_200 }] }, undefined],
    [
      'one that died with who has said it, as Redis did',
      {
        reads: [{ ...visit, machine: 2, at: 30_000 }],
        troubles: [{ what: 'restart of Redis', at: 16_000, end: 17_000, isLoss: true }],
        deaths: { 1: 15_500 },
      },
      undefined,
    ],
    ['an error without a reason', { reads: [{ ...visit, status: 500, text: '' }] }, /source had an answer/],
    [
      'an error of one who has the page',
      {
        reads: [...calm.reads, { ...visit, at: 30_000, end: 30_010, status: 500, text: '' }],
        purges: [],
        troubles: [{ what: 'failing source', at: 29_000, end: 31_000 }],
      },
      /had a copy/,
    ],
    ['no answer', { reads: [{ machine: 1, path: page, at: 20_000, end: 35_000 }] }, /no answer/],
    [
      'a page that stays stale',
      {
        reads: [11_000, 13_000, 20_000].map((at) => ({
          ...visit,
          path: '/brief/1',
          at,
          end: at + 5,
          text: '/brief/1 1',
        })),
      },
      /stale for 9000 ms/,
    ],
  ]

  it.each(faults)('is %s', (_what, part, expected) => {
    const found = check({ ...calm, ...part })
    if (expected === undefined) expect(found).toEqual([])
    else expect(found).toEqual([expect.stringMatching(expected)])
  })
})

describeRedis('a fleet whose machines, lines and Redis are broken at random', () => {
  it('shows nothing wrong, nothing too old and no error (10 s of 30 min, one seed of 20)', async () => {
    const run = promisify(execFile)(process.execPath, [resolve('bench/nemesis.js'), '6', '10'], {
      env: { ...process.env, NODE_OPTIONS: '' },
    })
    expect((await run).stdout).toMatch(/^seed 6, 10 s: \d{3,} answers, .*[1-9]\d* troubles; 0 violations\n$/)
  })
})
