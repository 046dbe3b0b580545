import { isDynamicRoute } from '../routing/pattern.js'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { brotliCompress } from 'node:zlib'
import type { BuildResult } from '../build/build.js'
import type { PrerenderedFile } from '../build/prerender.js'
import { SLOW_MILLISECONDS } from '../build/prerender-tally.js'
import { buildFolders, type ManifestPage } from '../server/build-manifest.js'

/** How each kind of page is marked, with what the mark means. */
const legend = {
  '○': 'static: rendered once, without data',
  '●': 'static: rendered with getStaticProps or generateStaticParams, or answered by GET once',
  ƒ: 'server: produced for each request',
} as const

type Symbol = keyof typeof legend

/** The table of routes that ends a build. */
export async function formatRoutes(result: BuildResult): Promise<string> {
  const { manifest, outDir, prerendered } = result
  const sizes = createSizes(join(outDir, buildFolders.client))
  const byFile = new Map([...prerendered].map(([page, made]) => [page.file, made]))
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
    const hasCode = page.kind !== 'api' && page.kind !== 'handler'
    const size = !hasCode ? '' : toKilobytes(await sizes.firstLoad(scripts, preloads))
    const made = byFile.get(page.file)
    rows.push([symbol, page.route, toRevalidate(made), size])
    if (made && symbol === '●' && isDynamicRoute(page.route)) rows.push(...listPaths(made))
  }
  const table = formatTable(['', 'Route (pages)', 'Revalidate', 'First load JS'], rows)
  const lines = Object.entries(legend).flatMap(([symbol, meaning]) =>
    used.has(symbol as Symbol) ? [`${symbol}  ${meaning}`] : [],
  )
  return `${table}\n${lines.join('\n')}\n`
}

function toSymbol({ kind, data, isStatic }: ManifestPage): Symbol {
  if (kind === 'handler') return isStatic ? '●' : 'ƒ'
  if (kind !== 'static') return 'ƒ'
  return data === undefined ? '○' : '●'
}

function toRevalidate(made: PrerenderedFile | undefined): string {
  return made && made.revalidateSeconds !== false ? `${made.revalidateSeconds} s` : ''
}

function listPaths({ count, paths }: PrerenderedFile): string[][] {
  const listed = paths.map(({ pathname, milliseconds, isNotFound }) => {
    const time = milliseconds >= SLOW_MILLISECONDS ? ` (${Math.round(milliseconds)} ms)` : ''
    return ['', `  ${pathname}${time}${isNotFound ? ' (not found)' : ''}`, '', '']
  })
  const more = count - listed.length
  return more > 0 ? [...listed, ['', `  [+${more} more ${more === 1 ? 'path' : 'paths'}]`, '', '']] : listed
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
      const sizes = await Promise.all([...new Set([...scripts, ...preloads])].map(sizeOf))
      return sizes.reduce((sum, size) => sum + size, 0)
    },
  }
}

function toKilobytes(bytes: number): string {
  return `${(bytes / 1000).toFixed(1)} kB`
}
