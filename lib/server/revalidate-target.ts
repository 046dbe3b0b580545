import { describeValue, PagesError } from '../errors.js'
import { collapseSlashes, encodeSegment } from '../routing/format.js'
import { isMalformedPath } from '../routing/match.js'
import type { KeyParts, RevalidateTarget } from '../types.js'
import { toKeyParts } from './variants.js'

/** What a call of `revalidate()` asks for: one page anew, or everything that bears a name to count as outdated. */
export type Revalidation =
  | { readonly type: 'page'; readonly path: string; readonly key?: KeyParts | undefined }
  | { readonly type: 'name'; readonly name: string; readonly isSoft: boolean }

const kinds = ['path', 'tag', 'route', 'prefix'] as const

/** Reads what `revalidate()` was given. Throws for what names no pages. */
export function toRevalidation(target: RevalidateTarget): Revalidation {
  if (typeof target === 'string') return { type: 'page', path: toPath(target) }
  if (typeof target !== 'object' || target === null) throw refuse(target)
  const given = kinds.filter((kind) => (target as Record<string, unknown>)[kind] !== undefined)
  const [kind] = given
  if (kind === undefined || given.length > 1) throw refuse(target)
  const { soft = false, [kind]: value } = target as { soft?: boolean } & Record<string, unknown>
  if (typeof soft !== 'boolean')
    throw new PagesError(
      'PAGES_REVALIDATE',
      `revalidate() was given \`soft: ${describeValue(soft)}\`. Give \`true\` to serve the old pages once more, or \`false\`.`,
    )
  if (typeof value !== 'string' || value === '')
    throw new PagesError(
      'PAGES_REVALIDATE',
      `revalidate() was given \`${kind}: ${describeValue(value)}\`, but it must be a string that is not empty.`,
    )
  if (kind === 'path' && !soft)
    return { type: 'page', path: toPath(value), key: toKeyParts((target as { key?: unknown }).key) }
  const name = kind === 'path' || kind === 'prefix' ? toCanonicalPath(toPath(value)) : value
  return { type: 'name', name: `${kind}:${name}`, isSoft: soft }
}

function toPath(path: string): string {
  if (!path.startsWith('/'))
    throw new PagesError(
      'PAGES_REVALIDATE',
      `Invalid urlPath: revalidate() was given ${describeValue(path)}, but it must be a path that starts with \`/\`, without the mount path, e.g. \`/blog/a\`.`,
    )
  const pathname = path.replace(/[?#].*$/s, '')
  if (!pathname.isWellFormed() || isMalformedPath(pathname))
    throw new PagesError(
      'PAGES_REVALIDATE',
      `revalidate() was given the path ${describeValue(path)}, whose percent-encoding is damaged. Encode it with encodeURIComponent().`,
    )
  return pathname
}

/** The path as pages have it, however somebody has encoded it: without a slash at the end, one encoding of each character. */
function toCanonicalPath(path: string): string {
  const segments = collapseSlashes(path).split('/').filter(Boolean)
  return `/${segments.map((segment) => encodeSegment(decodeURIComponent(segment))).join('/')}`
}

function refuse(target: unknown): PagesError {
  return new PagesError(
    'PAGES_REVALIDATE',
    `revalidate() was given ${describeValue(target)}. Give a path such as \`'/blog/a'\`, or one of \`{ path }\`, \`{ tag }\`, \`{ route }\` and \`{ prefix }\`.`,
  )
}
