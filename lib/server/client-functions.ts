import { describeValue, pageExportError } from '../errors.js'
import type { ModuleNamespace } from './page-source.js'

const clientFunctions = ['getClientProps', 'shouldRefetch'] as const

/** Checks what a page exports for browsers to call. The server never does. */
export function refuseClientFunctions(module: ModuleNamespace, file: string): void {
  for (const name of clientFunctions) {
    const value = module[name]
    if (value !== undefined && typeof value !== 'function')
      throw pageExportError(
        file,
        `exports \`${name}\`, but it is ${describeValue(value)} and no function`,
        'Export a function',
      )
  }
  if (module['getClientProps'] && !module['getServerSideProps'] && !module['getStaticProps'])
    throw pageExportError(
      file,
      'exports `getClientProps` but neither `getServerSideProps` nor `getStaticProps`, so that a first visit has no props',
      'Export one of them beside it, or load the data in the component',
    )
}
