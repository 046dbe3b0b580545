import cliProgress from 'cli-progress'
import { createLineReporter, type BuildReporter } from '../build/reporter.js'
import type { CommandOptions } from './index.js'
import { loadBuild } from './load-build.js'
import { formatRoutes } from './route-table.js'

/** From how many pages on a bar is worth its room. */
const BAR_PAGES = 50

export async function runBuild({ root, pagesDir, publicDir, outDir }: CommandOptions): Promise<number> {
  // Before React is loaded: its development build is several times slower.
  process.env.NODE_ENV = 'production'
  process.setSourceMapsEnabled(true)
  const { build } = await loadBuild()
  const result = await build({ root, pagesDir, publicDir, outDir, reporter: createReporter() })
  process.stdout.write(`\n${await formatRoutes(result)}\n`)
  process.stdout.write(`Built in ${(result.milliseconds / 1000).toFixed(1)} s\n`)
  return 0
}

/** Lines, and on a terminal a bar while many pages are prerendered. */
function createReporter(): BuildReporter {
  const lines = createLineReporter((line) => void process.stdout.write(`${line}\n`))
  if (!process.stdout.isTTY) return lines
  return {
    ...lines,
    startPages(total) {
      if (total < BAR_PAGES) return lines.startPages(total)
      const bar = new cliProgress.SingleBar(
        { format: 'Prerendering {bar} {value} of {total} pages, {duration_formatted}', hideCursor: true },
        cliProgress.Presets.shades_classic,
      )
      bar.start(total, 0)
      return { increment: () => bar.increment(), stop: () => bar.stop() }
    },
  }
}
