import { readFile } from 'node:fs/promises'
import { parseSync } from 'vite'

const mentionsMethod = /\bexport\b[^]*\b(?:GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS)\b/
const isMethod = /^(?:GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS)$/

/**
 * Whether a file of the pages folder is a route handler: it exports methods, and no component. What exports both is
 * told so when it is looked at as a page; what does not parse is a page until it does.
 */
export async function isHandlerFile(path: string): Promise<boolean> {
  const code = await readFile(path, 'utf8').catch(() => '')
  if (!mentionsMethod.test(code)) return false
  const { module } = parseSync(path, code, { lang: /\.[cm]?ts$/.test(path) ? 'ts' : 'tsx' })
  const names = module.staticExports
    .flatMap(({ entries }) => entries)
    .filter(({ isType }) => !isType)
    .map(({ exportName }) => (exportName.kind === 'Default' ? 'default' : (exportName.name ?? '')))
  return names.some((name) => isMethod.test(name)) && !names.includes('default')
}
