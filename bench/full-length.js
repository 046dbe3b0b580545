// @ts-check
// Runs the tests whose load is shortened in CI for as long as it is meant to last:
//
//   npm run --silent build && node bench/full-length.js [pattern]
//
// | Test                                  | In CI        | Here                |
// | ------------------------------------- | ------------ | ------------------- |
// | __tests__/redis/flapping.test.ts      | 6 s          | 10 min              |
// | __tests__/redis/slow-line.test.ts     | 4 s          | 10 min              |
// | __tests__/cache/shared-folder.test.ts | 3 s          | 1 min               |
// | __tests__/cache/ages.test.ts          | 4.5 s        | 1 min               |
// | __tests__/cache/large-folder.test.ts  | 20,000 files | 1,000,000 files     |
// | __tests__/http/event-loop.test.tsx    | 1,000 pages  | 10,000 pages, timed |
//
// A pattern takes some of them, e.g. `flapping`. The lengths stand in the tests, as `lengthOf(short, full)`.
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const [pattern = ''] = process.argv.slice(2)
const tests = [
  'redis/flapping',
  'redis/slow-line',
  'cache/shared-folder',
  'cache/ages',
  'cache/large-folder',
  'http/event-loop',
]
const chosen = tests.filter((test) => test.includes(pattern))
if (chosen.length === 0) throw new Error(`None of ${tests.join(', ')} contains \`${pattern}\`.`)

// One after another: what they measure is time and memory.
const child = spawn(
  process.execPath,
  [
    ...[
      '--experimental-vm-modules',
      '--disable-warning=ExperimentalWarning',
      'node_modules/jest/bin/jest.js',
    ],
    ...['--runInBand', '--verbose', ...chosen.map((test) => `__tests__/${test}`)],
  ],
  {
    cwd: fileURLToPath(new URL('..', import.meta.url)),
    env: { ...process.env, FULL_LENGTH: '1', REQUIRE_REDIS: '1' },
    stdio: 'inherit',
  },
)
child.on('exit', (code) => (process.exitCode = code ?? 1))
