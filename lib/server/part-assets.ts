import { otherImports, type RenderedParts } from '../react/dynamic-parts.js'
import type { PageAssets, PartAssets } from './page-source.js'

const withPartsOf = new WeakMap<PageAssets, Map<string, PageAssets>>()
/** Sets of parts that are remembered for one page; with parts that depend on data it has many. */
const LARGEST_MEMORY = 100

/**
 * What a page's document links to when these of its parts were rendered: their code too, so that the browser need not find
 * out, and their style sheets. What was not rendered is left to the browser.
 */
export function withParts(assets: PageAssets, rendered: RenderedParts): PageAssets {
  const { parts, later = [] } = assets
  // A module that was imported past `dynamic()` may have been rendered: it should not appear without its style.
  const unsure = later.filter((name) => otherImports.has(name))
  if (!parts || (rendered.size === 0 && unsure.length === 0)) return assets
  const names = [...new Set([...rendered].flatMap((modules) => [...modules]))].filter((name) =>
    parts.has(name),
  )
  const key = JSON.stringify([names, unsure])
  let known = withPartsOf.get(assets)
  if (known === undefined || known.size > LARGEST_MEMORY) withPartsOf.set(assets, (known = new Map()))
  let whole = known.get(key)
  if (whole === undefined) {
    const find = (found: readonly string[]) => found.flatMap((name) => parts.get(name) ?? [])
    known.set(key, (whole = addParts(assets, find(names), find(unsure))))
  }
  return whole
}

function addParts(
  assets: PageAssets,
  rendered: readonly PartAssets[],
  unsure: readonly PartAssets[],
): PageAssets {
  const { preloads, globalStyles = [], styles, scripts, hydrates } = assets
  const listed = [...globalStyles, ...styles]
  const partStyles = [...rendered, ...unsure].flatMap((part) => part.styles)
  return {
    ...assets,
    preloads: [
      ...new Set([...preloads, ...(hydrates === false ? [] : rendered.flatMap((part) => part.preloads))]),
    ].filter((path) => !scripts.includes(path)),
    partStyles: [...new Set(partStyles)].filter((path) => !listed.includes(path)),
  }
}
