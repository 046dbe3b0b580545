import { readFile } from 'node:fs/promises'
import { isAbsolute, join, resolve } from 'node:path'
import { createRouteTable } from '../routing/table.js'
import type { CommandOptions } from './index.js'
import { loadBuild } from './load-build.js'
import { formatTable } from './route-table.js'

/** Lists the routes of a project from its sources, without building or running anything. */
export async function runRoutes({ root, pagesDir }: CommandOptions): Promise<number> {
  await loadBuild()
  const { loadConfig } = await import('../vite/load-config.js')
  const { findPages } = await import('../vite/page-files.js')
  const { readPageExports } = await import('../vite/page-exports.js')
  const folder = resolve(root)
  const config = await loadConfig({ root: folder, command: 'build', onWarning: (line) => console.warn(line) })
  const files = await findPages({
    root: folder,
    pagesDir: pagesDir === undefined || isAbsolute(pagesDir) ? pagesDir : join(folder, pagesDir),
    extensions: config.pageExtensions,
  })
  createRouteTable([...files.pages, ...files.api].map((page) => ({ ...page, value: page })))
  const rows: string[][] = []
  for (const page of files.pages) {
    const { data } = readPageExports({ ...page, code: await readFile(page.path, 'utf8') })
    rows.push([data === 'static' ? '●' : data === undefined ? '○' : 'ƒ', page.route, page.file])
  }
  for (const page of files.api) rows.push(['ƒ', page.route, page.file])
  rows.sort((a, b) => ((a[1] ?? '') < (b[1] ?? '') ? -1 : 1))
  process.stdout.write(formatTable(['', 'Route (pages)', 'File'], rows))
  return 0
}
