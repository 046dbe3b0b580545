import { describeValue, pageExportError } from '../errors.js'
import type { GenerateStaticParams } from '../types.js'
import type { ModuleNamespace } from './page-source.js'

/** What the constants and the one function say that a page, a layout or a route handler may export beside the rest. */
export interface StaticConfig {
  readonly generateStaticParams: GenerateStaticParams | undefined
  /** `false`: paths that are not listed do not exist. */
  readonly dynamicParams: boolean
  /** Seconds; `false` for never; `undefined` when nothing was said. */
  readonly revalidate: number | false | undefined
  readonly dynamic: 'auto' | 'force-static' | 'force-dynamic'
}

/** Reads and checks these exports. Throws naming the file. */
export function readStaticConfig(module: ModuleNamespace, file: string): StaticConfig {
  const { generateStaticParams, dynamicParams = true } = module
  if (generateStaticParams !== undefined && typeof generateStaticParams !== 'function')
    throw pageExportError(
      file,
      'exports `generateStaticParams`, but it is no function',
      'Export a function that returns an array of parameters',
    )
  if (typeof dynamicParams !== 'boolean')
    throw pageExportError(
      file,
      `exports \`dynamicParams\` as ${describeValue(dynamicParams)}`,
      'It is `true` (the default) or `false`',
    )
  return {
    generateStaticParams: generateStaticParams as GenerateStaticParams | undefined,
    dynamicParams,
    revalidate: readRevalidate(module['revalidate'], file),
    dynamic: readDynamic(module['dynamic'], file),
  }
}

function readRevalidate(value: unknown, file: string): number | false | undefined {
  if (value === undefined || value === false) return value
  const refuse = (remedy: string) => {
    throw pageExportError(file, `exports \`revalidate\` as ${describeValue(value)}`, remedy)
  }
  if (value === 0)
    return refuse(
      "It must be at least one second. For an answer per request write `dynamic = 'force-dynamic'`",
    )
  const isSeconds = typeof value === 'number' && value > 0 && Number.isSafeInteger(value * 1000)
  if (!isSeconds || !Number.isInteger(value))
    return refuse('It is a whole number of seconds, or `false` for never')
  return value
}

/** Anything but text is somebody's own export: a component may well be called `dynamic`. */
function readDynamic(value: unknown, file: string): StaticConfig['dynamic'] {
  if (value === 'force-static' || value === 'force-dynamic' || value === 'auto') return value
  if (typeof value === 'string')
    throw pageExportError(
      file,
      `exports \`dynamic\` as ${describeValue(value)}`,
      "It is `'auto'` (the default), `'force-static'` or `'force-dynamic'`",
    )
  return 'auto'
}
