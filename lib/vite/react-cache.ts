import { parseSync, type ESTree, type Plugin } from 'vite'

/**
 * React's `cache` remembers something in Server Components alone; elsewhere it calls the function every time. In server
 * code of the project, what is imported as it is ours, which does there what is expected of it.
 */
export function reactCache(): Plugin {
  return {
    name: 'pagepress:react-cache',
    transform: {
      filter: {
        id: { exclude: /\/node_modules\/|^\0/ },
        code: /\bimport\b[^'"]*\bcache\b[^'"]*\bfrom\s*['"]react['"]/,
      },
      handler(code, id) {
        if (this.environment.config.consumer === 'client') return undefined
        const { program } = parseSync(id, code, { lang: 'js', range: true, preserveParens: false })
        let result = ''
        let position = 0
        for (const node of program.body) {
          if (node.type !== 'ImportDeclaration' || node.source.value !== 'react') continue
          const text = withoutCache(node)
          if (text === undefined) continue
          // Lines stay where they are.
          const lines = code.slice(node.start, node.end).replace(/[^\n]/g, '')
          result += code.slice(position, node.start) + text + lines
          position = node.end
        }
        return position === 0 ? undefined : { code: result + code.slice(position), map: null }
      },
    },
  }
}

/** The import with `cache` from us and the rest from React; `undefined` where it is not imported. */
function withoutCache({ specifiers }: ESTree.ImportDeclaration): string | undefined {
  const own: string[] = []
  const named: string[] = []
  let imported = ''
  for (const specifier of specifiers) {
    const local = specifier.local.name
    if (specifier.type === 'ImportDefaultSpecifier') imported = `${local}, `
    else if (specifier.type !== 'ImportSpecifier') return undefined
    else {
      const name = specifier.imported.type === 'Literal' ? specifier.imported.value : specifier.imported.name
      if (name === 'cache') own.push(local)
      else named.push(`${JSON.stringify(name)} as ${local}`)
    }
  }
  if (own.length === 0) return undefined
  const ours = own.map((local) => `import { cache as ${local} } from 'pagepress';`).join('')
  if (imported === '' && named.length === 0) return ours
  return `import ${imported}{ ${named.join(', ')} } from 'react';${ours}`
}
