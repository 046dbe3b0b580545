import { relative, sep } from 'node:path'
import { parseSync, type Plugin } from 'vite'

const IMPORT = "\nimport { noteImport as __pagepressNote } from 'pagepress/parts'\n"

/** A specifier that is no expression. */
const plainText = /^(['"`])([^'"`\\$]+)\1$/

/** How the server and the build name a module to each other: by its place below the root. */
export function toModuleName(root: string, id: string): string {
  return relative(root, id.replace(/\?.*$/s, '')).split(sep).join('/')
}

/**
 * Has the server's modules say what they are about to import, so that a page's document can name the code of those parts
 * of it that were rendered.
 */
export function noteImports(root: string): Plugin {
  return {
    name: 'pagepress:noted-imports',
    transform: {
      filter: { id: { exclude: /\/node_modules\/|^\0/ }, code: /\bimport\s*\(/ },
      async handler(code, id) {
        const { module } = parseSync(id, code, { lang: 'js' })
        let noted = code
        // From the end, so that the places before it stay what they are.
        for (const { start, end, moduleRequest } of module.dynamicImports.toReversed()) {
          const [, , specifier] = plainText.exec(code.slice(moduleRequest.start, moduleRequest.end)) ?? []
          if (specifier === undefined) continue
          const resolved = await this.resolve(specifier, id)
          if (!resolved || resolved.external) continue
          const name = JSON.stringify(toModuleName(root, resolved.id))
          noted = `${noted.slice(0, start)}(__pagepressNote(${name}), ${code.slice(start, end)})${noted.slice(end)}`
        }
        // At the end, where it moves no line; imports are evaluated first wherever they stand.
        return noted === code ? undefined : { code: noted + IMPORT, map: null }
      },
    },
  }
}
