/** @timed */
import { jest } from '@jest/globals'
import { MalformedPathError, matchRoute, matchRoutes } from '../../lib/routing/match.js'
import { createRouteTable, type RouteTable } from '../../lib/routing/table.js'

function tableOf(routes: string[]) {
  return createRouteTable(routes.map((route) => ({ route, file: `pages${route}.js`, value: route })))
}

/** How many nodes of the tree a match visits: each is asked once for its static children. */
function visits<T>(table: RouteTable<T>, pathname: string): number {
  const get = jest.spyOn(Map.prototype, 'get')
  try {
    matchRoute(table, pathname)
    return get.mock.calls.length
  } catch (error) {
    if (error instanceof MalformedPathError) return get.mock.calls.length
    throw error
  } finally {
    get.mockRestore()
  }
}

/** Milliseconds that a match takes. */
function timeOf<T>(table: RouteTable<T>, pathname: string): number {
  const start = performance.now()
  try {
    matchRoute(table, pathname)
  } catch (error) {
    if (!(error instanceof MalformedPathError)) throw error
  }
  return performance.now() - start
}

/** Some 2,000 routes with every form of bracket, under shared and under own prefixes. */
function everyForm(): string[] {
  const routes = ['/', '/[root]', '/[root]/[second]', '/[root]/[second]/end', '/[...rest]']
  for (let n = 0; n < 250; n += 1) {
    routes.push(`/s${n}`, `/s${n}/[a]`, `/s${n}/[a]/edit`, `/s${n}/[a]/[b]`)
    routes.push(`/s${n}/[a]/[b]/[c]`, `/s${n}/deep/er/x${n}`, `/s${n}/[...rest]`, `/s${n}/[a]/o/[[...opt]]`)
  }
  return routes
}

/** A static and a dynamic child at every node: the shape in which a matcher must try most. */
function binaryTree(depth: number): string[] {
  let prefixes = ['']
  for (let level = 0; level < depth; level += 1)
    prefixes = prefixes.flatMap((p) => [`${p}/a`, `${p}/[p${level}]`])
  return prefixes.map((prefix) => `${prefix}/end`)
}

/** A repeatable source of numbers below `limit`. */
function randomNumbers(seed: number): (limit: number) => number {
  let state = seed
  return (limit) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state % limit
  }
}

const fragments = [
  's1',
  's249',
  'a',
  'edit',
  'o',
  'deep',
  'er',
  'end',
  '%2F',
  '%',
  '%ff',
  '..',
  '',
  '.',
  '%2e',
  'é',
  '\\',
  ';',
  '__proto__',
  'x'.repeat(500),
]

function fuzzedPath(random: (limit: number) => number): string {
  let path = ''
  for (let n = random(12); n >= 0; n -= 1)
    path += `/${fragments[random(fragments.length)]}${random(4) === 0 ? random(1000) : ''}`
  return path
}

describe('the cost of a match', () => {
  it('is the same with ten routes and with ten thousand', () => {
    const routesOf = (count: number) =>
      Array.from({ length: count }, (_, n) => [`/r${n}/x`, `/r${n}/[id]/[tab]`]).flat()
    const small = tableOf(routesOf(5))
    const large = tableOf(routesOf(5_000))
    expect(large.size).toBe(10_000)
    for (const path of ['/r1/x', '/r1/2/3', '/r4/a/b', '/none', '/r1/a/b/c/d/e']) {
      expect(visits(large, path)).toBe(visits(small, path))
    }
  })

  it('grows with the segments, never past the longest route, for 2,000 routes of every form and 100,000 odd paths [S84]', () => {
    const table = tableOf(everyForm())
    expect(table.size).toBeGreaterThan(2_000)
    const compiled = jest.spyOn(globalThis, 'RegExp')
    const get = jest.spyOn(Map.prototype, 'get')
    const random = randomNumbers(84)
    const slow: string[] = []
    for (let n = 0; n < 100_000; n += 1) {
      const path = fuzzedPath(random)
      const segments = path.split('/').length
      get.mockClear()
      if (timeOf(table, path) > 1) slow.push(path)
      // One look-up for the whole path; then at most a static and a dynamic node for each segment.
      if (get.mock.calls.length > 1 + 2 * segments)
        throw new Error(`${get.mock.calls.length} steps for ${path}`)
    }
    get.mockRestore()
    expect(compiled).not.toHaveBeenCalled()
    compiled.mockRestore()
    // What was slow once was the machine's doing, unless it is slow every time.
    for (const path of slow)
      expect(Math.min(...[1, 2, 3, 4, 5].map(() => timeOf(table, path)))).toBeLessThan(1)
  })

  it('stays within the nodes of the tree in the worst table', () => {
    const table = tableOf(binaryTree(8))
    const nodes = 2 ** 10
    expect(matchRoute(table, `${'/a'.repeat(8)}/end`)?.route).toBe(`${'/a'.repeat(8)}/end`)
    expect(visits(table, `${'/a'.repeat(8)}/none`)).toBeLessThanOrEqual(nodes)
    expect(visits(table, '/a'.repeat(4_000))).toBeLessThanOrEqual(nodes)
    expect([...matchRoutes(table, `${'/a'.repeat(8)}/end`)]).toHaveLength(2 ** 8)
  })

  it('does not follow a path of thousands of segments further than the routes go', () => {
    const table = tableOf(everyForm())
    expect(visits(table, '/s1'.repeat(4_000))).toBeLessThanOrEqual(12)
    expect(matchRoute(table, `/s1${'/%20'.repeat(4_000)}`)?.params.rest).toHaveLength(4_000)
    expect(matchRoute(table, `/${'x'.repeat(15_000)}`)?.params.root).toHaveLength(15_000)
  })
})
