import { isAbsolute, join, resolve } from 'node:path'
import { createRouteTable } from '../routing/table.js'
import type { CommandOptions } from './index.js'
import { loadBuild } from './load-build.js'
import { formatTable } from './route-table.js'

/** Lists the routes of a project from its sources, without building or running anything. */
export async function runRoutes({ root, pagesDir }: CommandOptions): Promise<number> {
  await loadBuild()
  const { loadConfig } = await import('../vite/load-config.js')
  const { findPages, routedFiles } = await import('../vite/page-files.js')
  const { createPageTexts } = await import('../vite/page-texts.js')
  const folder = resolve(root)
  const config = await loadConfig({ root: folder, command: 'build', onWarning: (line) => console.warn(line) })
  const files = await findPages({
    root: folder,
    pagesDir: pagesDir === undefined || isAbsolute(pagesDir) ? pagesDir : join(folder, pagesDir),
    extensions: config.pageExtensions,
  })
  createRouteTable(routedFiles(files).map((page) => ({ ...page, value: page })))
  const texts = createPageTexts(() => files)
  const rows: string[][] = []
  for (const page of files.pages) {
    const data = await texts.dataKind(page)
    rows.push([data === 'static' ? '●' : data === undefined ? '○' : 'ƒ', page.route, page.file])
  }
  for (const page of [...files.api, ...files.handlers]) rows.push(['ƒ', page.route, page.file])
  rows.sort((a, b) => ((a[1] ?? '') < (b[1] ?? '') ? -1 : 1))
  process.stdout.write(formatTable(['', 'Route (pages)', 'File'], rows))
  return 0
}
