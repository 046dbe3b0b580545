import { useEffect } from 'react'
import type { ReactElement, ReactNode, ScriptHTMLAttributes } from 'react'

export interface ScriptProps extends Omit<ScriptHTMLAttributes<HTMLScriptElement>, 'onLoad' | 'onError'> {
  /**
   * When the script is loaded: in the document itself (`beforeInteractive`, for `_document`), once the page is
   * hydrated (`afterInteractive`), or when the browser is idle (`lazyOnload`).
   *
   * @default 'afterInteractive'
   */
  strategy?: 'beforeInteractive' | 'afterInteractive' | 'lazyOnload'
  /** Identifies the script across pages; required for one without `src`. */
  id?: string
  /** Called once, when the script has run. */
  onLoad?(event: unknown): void
  /** Called when the script has run, and again whenever the component is mounted after that. */
  onReady?(): void
  onError?(error: unknown): void
}

/** The scripts of this document by id or URL, each with the promise of having run. */
const loads = new Map<string, Promise<unknown>>()

/** Loads another site's script once, however often and on however many pages it is rendered. */
export function Script({
  strategy,
  onLoad,
  onReady,
  onError,
  ...attributes
}: ScriptProps): ReactElement | null {
  const { id, src, children, dangerouslySetInnerHTML } = attributes
  const name = id ?? src
  if (name === undefined)
    throw new Error('A <Script> without `src` needs an `id`: it tells whether the script has run already.')
  if (!['beforeInteractive', 'afterInteractive', 'lazyOnload', undefined].includes(strategy))
    throw new Error(
      `<Script strategy="${String(strategy)}"> is not supported. Use "afterInteractive" or "lazyOnload".`,
    )

  useEffect(() => {
    let isMounted = true
    const run = () => {
      const known = loads.get(name)
      const load = known ?? insert(attributes, strategy)
      loads.set(name, load)
      load.then(
        (event) => {
          if (!known) onLoad?.(event)
          if (isMounted) onReady?.()
        },
        (error: unknown) => {
          loads.delete(name)
          onError?.(error)
        },
      )
    }
    if (strategy === 'lazyOnload') whenIdle(run)
    else run()
    return () => {
      isMounted = false
    }
  }, [name])

  if (strategy !== 'beforeInteractive') return null
  return (
    <script {...attributes} data-nscript={strategy} {...toInner(children, dangerouslySetInnerHTML)}>
      {null}
    </script>
  )
}

type Inner = ScriptProps['dangerouslySetInnerHTML']

function toInner(
  children: ReactNode,
  inner: Inner,
): { dangerouslySetInnerHTML?: NonNullable<Inner>; children?: undefined } {
  const text = inner?.__html ?? toText(children)
  // A script's text is not HTML text: React would escape it and break it.
  return text === '' ? {} : { dangerouslySetInnerHTML: { __html: text }, children: undefined }
}

function toText(children: ReactNode): string {
  return Array.isArray(children) ? children.join('') : typeof children === 'string' ? children : ''
}

function whenIdle(run: () => void): void {
  const wait = () => ('requestIdleCallback' in window ? requestIdleCallback(() => run()) : setTimeout(run, 1))
  if (document.readyState === 'complete') wait()
  else addEventListener('load', wait, { once: true })
}

function insert(attributes: ScriptProps, strategy = 'afterInteractive'): Promise<unknown> {
  const { id, src } = attributes
  // Already in the document that the server sent, where it ran before us.
  const present = [...document.scripts].some((script) =>
    id ? script.id === id : script.getAttribute('src') === src,
  )
  if (present) return Promise.resolve()
  return new Promise((resolve, reject) => {
    const script = document.createElement('script')
    for (const [name, value] of Object.entries(toAttributes(attributes)))
      if (value !== false && value !== undefined && value !== null)
        script.setAttribute(name, value === true ? '' : String(value))
    script.dataset['nscript'] = strategy
    script.textContent = String(attributes.dangerouslySetInnerHTML?.__html ?? toText(attributes.children))
    script.onload = resolve
    script.onerror = (event) => {
      // Left in place, it would pass for one that has run.
      script.remove()
      reject(event)
    }
    document.body.append(script)
    // An inline script has run by now, and tells nobody.
    if (!src) resolve(undefined)
  })
}

function toAttributes({
  children: _,
  dangerouslySetInnerHTML: __,
  className,
  ...attributes
}: ScriptProps): Record<string, unknown> {
  return className === undefined ? attributes : { ...attributes, class: className }
}
