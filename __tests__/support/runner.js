import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import Runner from 'jest-runner'

/**
 * Whether a test file holds what it measures against a clock, and says so with `@timed` in its first line, or has a subject
 * with deadlines of its own: Redis is given 50 ms. Beside other tests on a small machine they would see the machine, and not
 * what they look at.
 */
function isTimed({ path }) {
  return path.includes(join('__tests__', 'redis')) || readFileSync(path, 'utf8').startsWith('/** @timed')
}

/** Runs all other tests side by side, and then the timed ones, one after the other. */
export default class TimedLastRunner extends Runner {
  async runTests(tests, watcher, options) {
    const timed = tests.filter(isTimed)
    const others = tests.filter((test) => !timed.includes(test))
    if (others.length > 0) await super.runTests(others, watcher, options)
    if (timed.length > 0) await super.runTests(timed, watcher, { ...options, serial: true })
  }
}
