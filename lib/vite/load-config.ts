import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { loadConfigFromFile, runnerImport } from 'vite'
import { resolveConfig, type ResolvedConfig } from '../config.js'
import { PagesError, unreadableConfig } from '../errors.js'

const ENDINGS = ['ts', 'mts', 'js', 'mjs', 'cjs']
const NAMES = [
  ...ENDINGS.map((ending) => `pagepress.config.${ending}`),
  ...ENDINGS.map((ending) => `next.config.${ending}`),
]

/** Names of the files that may hold a project's configuration, the first that exists wins. */
export const configFileNames: readonly string[] = NAMES

export interface LoadConfigOptions {
  root: string
  command: 'build' | 'serve'
  onWarning(message: string): void
}

/** Loads `pagepress.config.*`, or else `next.config.*`, of a project. Without either, every key has its default. */
export async function loadConfig({ root, command, onWarning }: LoadConfigOptions): Promise<ResolvedConfig> {
  const file = NAMES.find((name) => existsSync(join(root, name)))
  if (file === undefined) return resolveConfig({}, undefined)
  const path = join(root, file)
  try {
    const given = file.startsWith('next.')
      ? await loadNextConfig(path, command)
      : await loadPagepressConfig(path, command)
    return resolveConfig(given, file, onWarning)
  } catch (error) {
    throw error instanceof PagesError ? error : unreadableConfig(file, error)
  }
}

async function loadPagepressConfig(path: string, command: 'build' | 'serve'): Promise<unknown> {
  const mode = command === 'build' ? 'production' : 'development'
  const loaded = await loadConfigFromFile({ command, mode }, path, undefined, 'silent')
  return loaded?.config
}

/** A `next.config` may be a function, which is called with a phase; Vite would call it with something else. */
async function loadNextConfig(path: string, command: 'build' | 'serve'): Promise<unknown> {
  const { default: given } = await importModule(path)
  if (typeof given !== 'function') return given
  const phase = command === 'build' ? 'phase-production-build' : 'phase-development-server'
  return (await given(phase, { defaultConfig: {} })) as unknown
}

async function importModule(path: string): Promise<{ default?: unknown }> {
  if (/\.m?ts$/.test(path)) return (await runnerImport<{ default?: unknown }>(path)).module
  // The time of the last change makes Node read an edited file anew.
  return (await import(`${pathToFileURL(path).href}?t=${statSync(path).mtimeMs}`)) as { default?: unknown }
}
