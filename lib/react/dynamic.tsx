import { lazy, Suspense, useContext } from 'react'
import type { ComponentType, ReactElement } from 'react'
import { loadNoting, PartsContext } from './dynamic-parts.js'
import { useIsInBrowser } from './use-is-in-browser.js'

/** What a loading state is rendered with. */
export interface DynamicLoadingProps {
  error: Error | null
  isLoading: boolean
  pastDelay: boolean
}

export type DynamicLoader<P = {}> = () => Promise<ComponentType<P> | { default: ComponentType<P> }>

export interface DynamicOptions<P = {}> {
  /** Imports the component; the place for it when the options are the only argument. */
  loader?: DynamicLoader<P>
  /** Shown while the component is loading. */
  loading?: (props: DynamicLoadingProps) => ReactElement | null
  /** `false` renders the component in the browser only; its module is never loaded on the server. @default true */
  ssr?: boolean
}

const LOADING: DynamicLoadingProps = { error: null, isLoading: true, pastDelay: true }

/**
 * A component whose code is loaded when it is first rendered. The server renders it like any other, unless `ssr` is
 * `false`. A failure to load it is thrown to the nearest error boundary.
 */
export function dynamic<P = {}>(
  loaderOrOptions: DynamicLoader<P> | DynamicOptions<P>,
  moreOptions?: DynamicOptions<P>,
): ComponentType<P> {
  const options =
    typeof loaderOrOptions === 'function'
      ? { ...moreOptions, loader: loaderOrOptions }
      : { ...loaderOrOptions, ...moreOptions }
  const { loader, loading: Loading, ssr } = options
  if (!loader)
    throw new Error('dynamic() was called without a loader. Pass `() => import(...)` as its first argument.')

  const modules = new Set<string>()
  const Lazy = lazy(async () => toModule(await loadNoting(loader, modules)))
  const fallback = Loading ? <Loading {...LOADING} /> : null

  function Dynamic(props: P): ReactElement {
    // They are known when the loader was called, which this render may bring about.
    useContext(PartsContext)?.add(modules)
    return (
      <Suspense fallback={fallback}>
        <Lazy {...(props as any)} />
      </Suspense>
    )
  }
  if (ssr !== false) return Dynamic

  return function BrowserOnly(props: P): ReactElement | null {
    return useIsInBrowser() ? <Dynamic {...(props as any)} /> : fallback
  }
}

/** What an import gave: a module, or the export that `.then()` picked from it. */
function toModule<P>(loaded: ComponentType<P> | { default: ComponentType<P> }): {
  default: ComponentType<P>
} {
  return 'default' in loaded ? loaded : { default: loaded }
}
