import type { Page, PageContext } from '../types.js'

/**
 * Runs a component's legacy `getInitialProps`, on either side. A component without one has no initial props.
 *
 * Throws when it returned something that is no object: the page would render without its data.
 */
export async function loadInitialProps(
  component: Page<any>,
  context: PageContext,
): Promise<Record<string, unknown>> {
  if (component.getInitialProps === undefined) return {}
  const props: unknown = await component.getInitialProps(context)
  if (typeof props === 'object' && props !== null) return props as Record<string, unknown>
  // It answers the request by itself, with a redirect for example: nothing will be rendered.
  if (context.res?.headersSent === true) return {}
  const name = component.displayName ?? component.name
  throw new Error(
    `\`${name}.getInitialProps()\` must resolve to an object, but it resolved to \`${String(props)}\`. Return an object, {} if there is nothing to say.`,
  )
}
