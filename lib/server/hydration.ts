import { pageExportError, describeValue } from '../errors.js'
import type { ModuleNamespace, PageAssets } from './page-source.js'

const bare = new WeakMap<PageAssets, PageAssets>()

/**
 * What a page's document links to. A page that exports `config = { hydrate: false }` is HTML and styles alone: it gets no
 * script, and without one no page data either.
 */
export function assetsOf(module: ModuleNamespace, assets: PageAssets, file: string): PageAssets {
  const hydrate = (module['config'] as { hydrate?: unknown } | undefined)?.hydrate ?? true
  if (hydrate === true) return assets
  if (hydrate !== false)
    throw pageExportError(
      file,
      `exports \`config.hydrate\` as ${describeValue(hydrate)}`,
      'It is `true` (the default) or `false`',
    )
  // The same object for the same assets: what is made of them is kept by it.
  let without = bare.get(assets)
  if (!without) {
    const { guards: _, ...others } = assets
    bare.set(assets, (without = { ...others, scripts: [], preloads: [], hydrates: false }))
  }
  return without
}
