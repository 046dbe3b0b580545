import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { brotliCompress } from 'node:zlib'
import type { BuildResult } from '../build/build.js'
import type { PrerenderedPage } from '../build/prerender.js'
import { buildFolders, type ManifestPage } from '../server/build-manifest.js'

/** How each kind of page is marked, with what the mark means. */
const legend = {
  '○': 'static: rendered once, without data',
  '●': 'static: rendered with getStaticProps',
  ƒ: 'server: produced for each request',
} as const

type Symbol = keyof typeof legend

/** How many paths of a dynamic route are listed, and from when on a page counts as slow, in milliseconds. */
const LISTED_PATHS = 3
const SLOW = 300

/** The table of routes that ends a build. */
export async function formatRoutes(result: BuildResult): Promise<string> {
  const { manifest, outDir, prerendered } = result
  const sizes = createSizes(join(outDir, buildFolders.client))
  const byFile = new Map<string, PrerenderedPage[]>()
  for (const made of prerendered) {
    const others = byFile.get(made.page.file)
    if (others) others.push(made)
    else byFile.set(made.page.file, [made])
  }
  const { notFound, serverError } = manifest.special
  const pages = [...manifest.pages, notFound, serverError].filter((page) => page !== undefined)
  pages.sort((a, b) => (a.route < b.route ? -1 : 1))

  const rows: string[][] = []
  if (manifest.special.app !== undefined)
    rows.push([
      '',
      '/_app',
      '',
      toKilobytes(await sizes.firstLoad(manifest.frame.scripts, manifest.frame.preloads)),
    ])
  const used = new Set<Symbol>()
  for (const page of pages) {
    const symbol = toSymbol(page)
    used.add(symbol)
    const { scripts, preloads } = page.assets
    const size = page.kind === 'api' ? '' : toKilobytes(await sizes.firstLoad(scripts, preloads))
    const made = byFile.get(page.file) ?? []
    rows.push([symbol, page.route, toRevalidate(made), size])
    if (page.route.includes('[')) rows.push(...listPaths(made))
  }
  const table = formatTable(['', 'Route (pages)', 'Revalidate', 'First load JS'], rows)
  const lines = Object.entries(legend).flatMap(([symbol, meaning]) =>
    used.has(symbol as Symbol) ? [`${symbol}  ${meaning}`] : [],
  )
  return `${table}\n${lines.join('\n')}\n`
}

function toSymbol({ kind, data }: ManifestPage): Symbol {
  if (kind !== 'static') return 'ƒ'
  return data === 'getStaticProps' ? '●' : '○'
}

/** The shortest time after which a path of the page is due again. */
function toRevalidate(pages: readonly PrerenderedPage[]): string {
  const seconds = pages.flatMap(({ revalidateSeconds }) =>
    revalidateSeconds === false ? [] : [revalidateSeconds],
  )
  return seconds.length === 0 ? '' : `${Math.min(...seconds)} s`
}

function listPaths(pages: readonly PrerenderedPage[]): string[][] {
  // The slow ones are what the reader looks for; the others come in their own order.
  const slowFirst = [...pages].sort((a, b) => slowness(b) - slowness(a) || (a.pathname < b.pathname ? -1 : 1))
  const listed = slowFirst.slice(0, LISTED_PATHS).map((page) => {
    const time = slowness(page) > 0 ? ` (${Math.round(page.milliseconds)} ms)` : ''
    return ['', `  ${page.pathname}${time}${page.isNotFound ? ' (not found)' : ''}`, '', '']
  })
  const more = pages.length - listed.length
  return more > 0 ? [...listed, ['', `  [+${more} more ${more === 1 ? 'path' : 'paths'}]`, '', '']] : listed
}

function slowness({ milliseconds }: PrerenderedPage): number {
  return milliseconds >= SLOW ? milliseconds : 0
}

/** Lines up cells in columns; the last column is as wide as it is. */
export function formatTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)),
  )
  const toLine = (cells: readonly string[]) =>
    cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd()
  return `${[head, ...rows].map(toLine).join('\n')}\n`
}

const compress = promisify(brotliCompress)

/** Compressed sizes of files, each measured once. */
function createSizes(folder: string) {
  const known = new Map<string, Promise<number>>()
  const sizeOf = (path: string): Promise<number> => {
    let size = known.get(path)
    if (!size) {
      size = readFile(join(folder, decodeURIComponent(path))).then(
        async (bytes) => (await compress(bytes)).length,
      )
      known.set(path, size)
    }
    return size
  }
  return {
    async firstLoad(scripts: readonly string[], preloads: readonly string[]): Promise<number> {
      const sizes = await Promise.all([...scripts, ...preloads].map(sizeOf))
      return sizes.reduce((sum, size) => sum + size, 0)
    },
  }
}

function toKilobytes(bytes: number): string {
  return `${(bytes / 1000).toFixed(1)} kB`
}
