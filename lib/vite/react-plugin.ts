import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { loadConfigFromFile, type InlineConfig, type PluginOption } from 'vite'
import { missingPeer } from '../errors.js'

const VITE_CONFIGS = ['ts', 'mts', 'cts', 'js', 'mjs', 'cjs'].map((ending) => `vite.config.${ending}`)

export interface ReactPluginOptions {
  root: string
  command: 'build' | 'serve'
  /** Vite configuration from elsewhere than the project's `vite.config`. */
  inline: readonly (InlineConfig | undefined)[]
}

/** Vite's React plugin, unless the project brings one itself. */
export async function reactPlugins({ root, command, inline }: ReactPluginOptions): Promise<PluginOption[]> {
  const mode = command === 'build' ? 'production' : 'development'
  const file = VITE_CONFIGS.find((name) => existsSync(join(root, name)))
  const loaded = file ? await loadConfigFromFile({ command, mode }, join(root, file), root, 'silent') : null
  for (const config of [...inline, loaded?.config]) if (await bringsReact(config?.plugins)) return []
  const { default: react } = await importReactPlugin()
  return [react()]
}

/** Every React plugin of Vite's family names its parts alike. */
async function bringsReact(option: PluginOption): Promise<boolean> {
  const plugin = await option
  if (Array.isArray(plugin)) return (await Promise.all(plugin.map(bringsReact))).includes(true)
  return Boolean(plugin) && /^vite:(?:preact|react)/.test((plugin as { name?: string }).name ?? '')
}

async function importReactPlugin(): Promise<typeof import('@vitejs/plugin-react')> {
  try {
    return await import('@vitejs/plugin-react')
  } catch (error) {
    if ((error as { code?: string }).code !== 'ERR_MODULE_NOT_FOUND') throw error
    throw missingPeer('@vitejs/plugin-react', 'Building and developing pages')
  }
}
