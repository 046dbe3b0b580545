import Runner from 'jest-runner'

/**
 * Tests that hold what they measure against a clock, or whose subject has deadlines of its own: Redis is given 50 ms. Beside
 * other tests on a small machine they would see the machine, and not what they look at.
 */
const isTimed =
  /__tests__\/(?:redis\/|http\/(?:crowd|event-loop|security-streams|security-wire)\.|routing\/match-cost\.)/

/** Runs all other tests side by side, and then the timed ones, one after the other. */
export default class TimedLastRunner extends Runner {
  async runTests(tests, watcher, options) {
    const timed = tests.filter(({ path }) => isTimed.test(path))
    const others = tests.filter((test) => !timed.includes(test))
    if (others.length > 0) await super.runTests(others, watcher, options)
    if (timed.length > 0) await super.runTests(timed, watcher, { ...options, serial: true })
  }
}
