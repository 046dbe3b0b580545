import type { RequestHandler } from 'express'
import { prependHandler, type HostApp } from './host-app.js'

/** The places below one application where the site is mounted, as they begin a URL path: `''`, `/shop`. */
export interface Mounts {
  has(path: string): boolean
  /** Length of the longest of them. */
  longest(): number
}

export interface MountRegistry {
  /** Express has mounted the site in an application. */
  mount(parent: HostApp, mountPath: unknown): void
  /** A request has come to the site by this path below its root application. */
  learn(root: HostApp, path: string): void
}

/** How many mounts are remembered that only requests have told of: a mount such as `/:tenant` has any number. */
const learnedLimit = 1_000
/** A mount path that Express compares as text. Anything else is a pattern, whose mounts are learned. */
const isText = /^[\w./~@%-]*$/

/** What stands in front of an application: a handler for the paths that the pattern finds, and nothing for others. */
export interface FrontLayer {
  readonly path: RegExp
  create(app: HostApp, mounts: Mounts): RequestHandler
}

/**
 * Remembers where the site is mounted, for each application that a request may enter by, and puts a layer in front of
 * each of them once.
 */
export function createMounts(layer: FrontLayer): MountRegistry {
  const known = new WeakMap<HostApp, AppMounts>()

  function mountsOf(app: HostApp): AppMounts {
    let mounts = known.get(app)
    if (mounts) return mounts
    known.set(app, (mounts = createAppMounts()))
    prependHandler(app, layer.path, layer.create(app, mounts))
    app.on('mount', (parent) => addBelow(parent, app))
    if (app.parent) addBelow(app.parent, app)
    return mounts
  }

  /** All mounts of an application are mounts of the one that it is mounted in, further down. */
  function addBelow(parent: HostApp, app: HostApp): void {
    for (const prefix of toPrefixes(app.mountpath)) {
      for (const path of mountsOf(app).fixed) add(parent, prefix + path)
    }
  }

  function add(app: HostApp, path: string): void {
    const mounts = mountsOf(app)
    if (!mounts.addFixed(path) || !app.parent) return
    for (const prefix of toPrefixes(app.mountpath)) add(app.parent, prefix + path)
  }

  return {
    mount(parent, mountPath) {
      for (const prefix of toPrefixes(mountPath)) add(parent, prefix)
      // Also where the path is a pattern: the layer must stand in front before the first request is on its way.
      mountsOf(parent)
    },
    learn(root, path) {
      mountsOf(root).learn(path)
    },
  }
}

interface AppMounts extends Mounts {
  readonly fixed: ReadonlySet<string>
  /** Says whether it is news. */
  addFixed(path: string): boolean
  learn(path: string): void
}

function createAppMounts(): AppMounts {
  const fixed = new Set<string>()
  const learned = new Set<string>()
  let longest = 0
  return {
    fixed,
    has: (path) => fixed.has(path) || learned.has(path),
    longest: () => longest,
    addFixed(path) {
      if (fixed.has(path)) return false
      fixed.add(path)
      longest = Math.max(longest, path.length)
      return true
    },
    learn(path) {
      if (fixed.has(path) || learned.has(path)) return
      for (const oldest of learned) {
        if (learned.size < learnedLimit) break
        learned.delete(oldest)
      }
      learned.add(path)
      longest = Math.max(longest, path.length)
    },
  }
}

function toPrefixes(mountPath: unknown): string[] {
  const paths: unknown[] = Array.isArray(mountPath) ? mountPath.flat(Infinity) : [mountPath]
  return paths
    .filter((path): path is string => typeof path === 'string' && isText.test(path))
    .map((path) => path.replace(/\/+$/, ''))
}
