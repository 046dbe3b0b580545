import { posix } from 'node:path'
import { isFileLoadingAllowed, normalizePath, type ResolvedConfig } from 'vite'
import { ASSETS_PREFIX } from '../protocol/data-url.js'

/**
 * Whether the file that a module's URL may stand for is one that Vite serves (`server.fs`). Vite asks the same, in each of
 * the places that could read it; this asks once for all of them, of the path as the file system would have it. What a
 * build has made is for nobody: it holds the keys of draft mode.
 */
export function isServedFile(url: string, config: ResolvedConfig, outDir: string): boolean {
  const path = toFile(url, config)
  if (path === undefined) return false
  return path === '' || (isFileLoadingAllowed(config, path) && !isOfBuild(path, outDir))
}

/** Not every file system tells capital letters from small ones. */
function isOfBuild(path: string, outDir: string): boolean {
  const [file, folder] = [path, normalizePath(outDir)].map((text) => text.toLowerCase())
  return `${file}/`.startsWith(`${folder}/`) && !`${file}/`.startsWith(`${folder}/dev/`)
}

/** `''` for what is no file, `undefined` for what cannot be read the same by everybody. */
function toFile(url: string, { root }: ResolvedConfig): string | undefined {
  const cut = url.indexOf('?')
  const query = cut === -1 ? '' : decode(url.slice(cut))
  const path = decode(url.slice(ASSETS_PREFIX.length, cut === -1 ? undefined : cut))
  if (path === undefined || query === undefined || path.includes('\0')) return undefined
  // Whoever takes the question mark for a part of a name goes up from there.
  if (/\/\.\.(?:\/|$)/.test(query)) return undefined
  const [, kind = '', rest = path] = /^\/*@(fs|id)\/(.*)$/s.exec(path) ?? []
  if (kind === 'id') {
    const id = rest.replace(/^__x00__/, '')
    return id.startsWith('/') ? normalize(id) : ''
  }
  if (kind === 'fs') return normalize(/^[a-z]:/i.test(rest) ? rest : `/${rest}`)
  return normalize(`${normalizePath(root)}/${path}`)
}

function normalize(path: string): string {
  return posix.normalize(path.replace(/^\/+/, '/'))
}

/** Some read a backslash as a slash. */
function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text).replaceAll('\\', '/')
  } catch {
    return undefined
  }
}
