import { pageExportError } from '../errors.js'
import type { PageLayout, TreeFrame } from '../protocol/tree-frame.js'
import { createTreeFrame } from '../react/outlet.js'
import { parseRoute } from '../routing/pattern.js'
import { toComponent } from './page-module.js'
import type { LoadedLayout, ModuleNamespace } from './page-source.js'
import { readStaticConfig, type StaticConfig } from './static-config.js'

/** A `_layout` file whose exports were checked. */
export interface LayoutModule extends PageLayout {
  readonly file: string
  readonly config: StaticConfig
}

/** What a page may export and a layout may not: it would never be called, or never be read. */
const refused = [
  'getStaticProps',
  'getStaticPaths',
  'getServerSideProps',
  'revalidate',
  'dynamic',
  'middleware',
  'getClientProps',
  'shouldRefetch',
] as const

const checked = new WeakMap<ModuleNamespace, LayoutModule>()

/** Checks the layouts of a page, once per evaluated module. Throws naming the file and what to change. */
export function toLayouts(loaded: readonly LoadedLayout[] = []): readonly LayoutModule[] {
  return loaded.map(toLayout)
}

function toLayout({ route, file, module }: LoadedLayout): LayoutModule {
  const known = checked.get(module)
  if (known !== undefined && known.file === file) return known
  const Component = toComponent(module['default'], file)
  if (Component.getInitialProps)
    throw pageExportError(
      file,
      'has `getInitialProps`, which layouts can not use',
      'Get the data in the pages or in `_app`',
    )
  for (const name of refused) {
    const isText = typeof module[name] === 'string'
    if (module[name] === undefined || (name === 'dynamic' && !isText)) continue
    throw pageExportError(
      file,
      `exports \`${name}\`, which has no effect in a layout`,
      'Export it from the pages',
    )
  }
  const config = readStaticConfig(module, file)
  if (config.generateStaticParams && !parseRoute(route).isDynamic)
    throw pageExportError(
      file,
      'exports `generateStaticParams`, but there is no parameter in its place',
      'Move the file into the folder of the parameter, or remove the function',
    )
  const layout: LayoutModule = { route, file, Component, config }
  checked.set(module, layout)
  return layout
}

/** What stands between `_app` and a page; `undefined` where nothing does. */
export function toTreeFrame(layouts: readonly PageLayout[], takesParams: boolean): TreeFrame | undefined {
  return layouts.length > 0 || takesParams ? createTreeFrame(layouts, takesParams) : undefined
}
