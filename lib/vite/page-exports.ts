import { parseSync } from 'vite'
import { pageExportError, unparsablePage } from '../errors.js'
import type { DataKind } from '../protocol/client-site.js'

export interface PageSourceText {
  readonly file: string
  readonly route: string
  readonly code: string
}

/** Pages without a URL of their own. */
const withoutUrl = ['/_app', '/_document', '/_error']

/**
 * Checks what can be told from a page file's text alone, before anything is bundled or run, and tells where its props
 * come from. What only running the module shows is the matter of `page-module`.
 */
export function readPageExports({ file, route, code }: PageSourceText): {
  names: ReadonlySet<string>
  data: DataKind
} {
  const names = readExportNames(file, code)
  for (const name of ['getStaticProps', 'getStaticPaths', 'getServerSideProps']) {
    const isCalled = route === '/_error' ? name === 'getServerSideProps' : !withoutUrl.includes(route)
    if (names.has(name) && !isCalled)
      throw pageExportError(file, `exports \`${name}\`, which is never called here`, 'Export it from a page')
  }
  for (const name of ['getClientProps', 'shouldRefetch'])
    if (names.has(name) && [...withoutUrl, '/404', '/500'].includes(route))
      throw pageExportError(file, `exports \`${name}\`, which is never called here`, 'Export it from a page')
  if (names.has('middleware') && withoutUrl.includes(route))
    throw pageExportError(
      file,
      'exports `middleware`, which never runs here',
      'Export it from a page, or add the middleware to the app',
    )
  return { names, data: toDataKind(names, code) }
}

/** Names that a module exports as values; types do not count. Throws for `export *`, which hides what a page exports. */
export function readExportNames(file: string, code: string): ReadonlySet<string> {
  const parsed = parseSync(file, code, { lang: languageOf(file) })
  const [problem] = parsed.errors
  if (problem)
    throw unparsablePage(
      file,
      problem.codeframe
        ? `${problem.message}
${problem.codeframe}`
        : problem.message,
    )
  const names = new Set<string>()
  for (const { isType, exportName, moduleRequest } of parsed.module.staticExports.flatMap(
    (one) => one.entries,
  )) {
    if (isType) continue
    if (exportName.kind === 'None')
      throw pageExportError(
        file,
        `re-exports everything from \`${moduleRequest?.value}\` with \`export *\`, so that nobody can tell what the page exports`,
        `Name the exports: \`export { getServerSideProps } from '${moduleRequest?.value}'\``,
      )
    names.add(exportName.kind === 'Default' ? 'default' : (exportName.name ?? ''))
  }
  return names
}

function toDataKind(names: ReadonlySet<string>, code: string): DataKind {
  if (names.has('getStaticProps')) return 'static'
  if (names.has('getServerSideProps')) return 'server'
  return code.includes('getInitialProps') ? 'initial' : undefined
}

/** JSX is common in `.js` files of the field, so they are read as if they were `.jsx`. */
function languageOf(file: string): 'ts' | 'tsx' | 'jsx' {
  if (/\.[cm]?ts$/.test(file)) return 'ts'
  return file.endsWith('.tsx') ? 'tsx' : 'jsx'
}
