import { fileURLToPath } from 'node:url'
import type { Plugin } from 'vite'

const helper = fileURLToPath(new URL('../client/preload.js', import.meta.url))

/** Gives dynamic imports in the browser a helper of our own, a quarter the size of Vite's. */
export function preloadHelper(): Plugin {
  return {
    name: 'pagepress:preload-helper',
    apply: 'build',
    enforce: 'pre',
    load: {
      filter: { id: /^\0vite\/preload-helper\.js$/ },
      handler: () => `export { preload as __vitePreload } from ${JSON.stringify(helper)}`,
    },
  }
}
