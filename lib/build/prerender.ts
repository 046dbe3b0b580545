import { join } from 'node:path'
import { toEntry } from '../cache/entry.js'
import { createPackWriter } from '../cache/pack.js'
import { brokenInvariant, failedPages, PagesError, redirectAtBuild } from '../errors.js'
import { buildFolders } from '../server/build-manifest.js'
import { createBuiltSource } from '../server/built-source.js'
import { createPageRenderer } from '../server/page-renderer.js'
import { createProducer } from '../server/produce.js'
import type { PageRecord } from '../server/page-source.js'
import { isUnkept } from '../server/static-handler.js'
import { createWarnings } from '../server/warnings.js'
import type { PageFile } from '../vite/page-files.js'
import { createBuildValues } from './build-values.js'
import type { Unkept } from './manifest.js'
import type { PrerenderPlan, PrerenderTask } from './prerender-plan.js'
import { createTally } from './prerender-tally.js'
import { runQueue } from './queue.js'
import type { BuildReporter } from './reporter.js'

/** Data functions wait for databases and networks, so more run at a time than there are cores; memory bounds them. */
const CONCURRENCY = 32
/** A page that still suspends after this long never stops, and the build would wait for ever. */
const RENDER_MILLISECONDS = 60_000
const MAX_FAILURES = 20

/** What became of the paths of one page file. */
export interface PrerenderedFile {
  readonly count: number
  /** The shortest time in seconds after which a path is due again; `false` if none ever is. */
  readonly revalidateSeconds: number | false
  /** A few of the paths, the slow ones first. */
  readonly paths: readonly PrerenderedPath[]
}

export interface PrerenderedPath {
  readonly pathname: string
  /** Counts the paths in the order in which they were begun. */
  readonly order: number
  readonly milliseconds: number
  readonly isNotFound: boolean
}

/** What a build produced, and what it could not keep. */
export interface Prerendered {
  readonly files: ReadonlyMap<PageFile, PrerenderedFile>
  readonly unkept: Unkept
}

export interface PrerenderOptions {
  /** A build folder with its manifest. */
  outDir: string
  plan: PrerenderPlan
  trailingSlash: boolean
  /** Pages whose paths could not even be listed. */
  failures: readonly { page: PageFile; error: unknown }[]
  reporter: BuildReporter
}

/** Produces pages with what the production server produces them with, and packs them. Throws naming the ones that fail. */
export async function prerender(options: PrerenderOptions): Promise<Prerendered> {
  const { outDir, plan, reporter } = options
  const source = createBuiltSource({ outDir, isPrerendered: () => false })
  const records = new Map<string, PageRecord>()
  const { notFound, serverError } = source.special
  for (const record of [...source.routes.entries.map((entry) => entry.value), notFound, serverError])
    if (record) records.set(record.file, record)
  const { trailingSlash } = options
  const { largePageDataBytes } = source.config
  const warnings = createWarnings((message) => reporter.warn(message))
  const timeoutMs = RENDER_MILLISECONDS
  const parts = { source, checks: true, trailingSlash, warnings }
  const renderer = createPageRenderer({ ...parts, largePageDataBytes, timeoutMs })
  const values = createBuildValues(timeoutMs, (error) => reporter.warn(toReason(error)))
  const producer = createProducer({ ...parts, renderer, values })
  const pack = await createPackWriter(join(outDir, buildFolders.prerendered), source.buildId)
  const tally = createTally()
  // One write at a time: the disk is no faster for being asked by many.
  let writing: Promise<void> = Promise.resolve()
  let begun = 0
  const unkept = { readers: new Set<PageFile>(), incomplete: new Set<PageFile>() }

  async function produce({ page, pathname, params, key, isShell = false }: PrerenderTask): Promise<void> {
    const record = records.get(page.file)
    if (!record) throw brokenInvariant(`The build has no page \`${page.file}\`.`)
    const order = begun++
    const started = performance.now()
    const renderedAt = Date.now()
    const task = { record, params, pathname, reason: 'build', isShell } as const
    const response = await producer.produceStatic(task).catch((error: unknown) => {
      if (!isUnkept(error)) throw error
      if (error.name === 'RequestReadError') unkept.readers.add(page)
      unkept.incomplete.add(page)
      return undefined
    })
    if (response === undefined) return
    if (response.type === 'redirect') throw redirectAtBuild(page.file, pathname)
    const entry = toEntry(
      response,
      renderedAt,
      key === pathname ? { route: page.route, path: pathname } : { route: page.route },
    )
    if (!entry || response.type === 'ended' || response.lifetime === 'private')
      throw brokenInvariant(`\`${page.file}\` produced nothing to keep for \`${pathname}\`.`)
    await (writing = writing.then(() => pack.add(key, entry)))
    const { revalidateSeconds } = response.lifetime
    if (isShell) return
    const milliseconds = performance.now() - started
    tally.add(
      page,
      { pathname, order, milliseconds, isNotFound: response.type === 'not-found' },
      revalidateSeconds,
    )
  }

  const progress = reporter.startPages(plan.total)
  const failed = await runQueue(plan.tasks(), produce, {
    concurrency: CONCURRENCY,
    maxFailures: MAX_FAILURES,
    onDone: () => progress.increment(),
  })
  progress.stop()
  await pack.finish()

  const failures = [
    ...options.failures.map(({ page, error }) => ({ path: page.route, error })),
    ...failed.map(({ item, error }) => ({ path: item.pathname, error })),
  ]
  if (failures.length === 0) return { files: tally.files(), unkept }
  for (const { path, error } of failures) reporter.failed(path, error)
  throw failedPages(
    failures.map(({ path, error }) => ({ path, reason: toReason(error) })),
    failures.length,
  )
}

/** Anything can be thrown, also what cannot be turned into text. */
export function toReason(error: unknown): string {
  try {
    if (error instanceof PagesError) return `${error.code}: ${error.message}`
    if (error instanceof Error) return `${error.name}: ${error.message}`
    return `${String(error)} was thrown, which is no Error`
  } catch {
    return 'something was thrown that is no Error'
  }
}
