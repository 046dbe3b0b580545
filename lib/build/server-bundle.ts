import { brokenInvariant } from '../errors.js'
import { noteImports } from '../vite/noted-imports.js'
import type { PageFile } from '../vite/page-files.js'
import { bundleConfig, runBundler, type BundleSettings } from './bundle-settings.js'

/** Tells where in the server folder the module of a page file is. */
export type ServerModules = ReadonlyMap<PageFile, string>

/** Bundles every file of the pages folder for the server, each as a module of its own with what they share beside them. */
export async function buildServer(
  settings: BundleSettings,
  files: readonly PageFile[],
  outDir: string,
): Promise<ServerModules> {
  const config = await bundleConfig(settings, {
    plugins: [noteImports(settings.site.root)],
    build: {
      ssr: true,
      outDir,
      minify: false,
      sourcemap: true,
      target: 'node20',
      rolldownOptions: {
        input: Object.fromEntries(files.map((page) => [page.file.replace(/\.\w+$/, ''), page.path])),
        output: {
          // The ending makes them ESM whatever the project's package.json says.
          entryFileNames: '[name].mjs',
          chunkFileNames: 'shared/[name]-[hash].mjs',
        },
      },
    },
  })
  const output = await runBundler(config)
  const entries = new Map(
    output.flatMap((part) =>
      part.type === 'chunk' && part.isEntry && part.facadeModuleId
        ? [[part.facadeModuleId, part.fileName]]
        : [],
    ),
  )
  return new Map(
    files.map((page) => {
      const fileName = entries.get(page.path)
      if (fileName === undefined)
        throw brokenInvariant(`The server bundle has no module for \`${page.file}\`.`)
      return [page, fileName]
    }),
  )
}
