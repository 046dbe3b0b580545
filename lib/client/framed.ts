import type { ClientLayout, ClientPage } from '../protocol/client-site.js'
import { createTreeFrame } from '../react/outlet.js'

/** A page with layouts around it, or with its parameters as a prop: all its code is loaded together. */
export function framed(page: ClientPage, layouts: readonly ClientLayout[], takesParams: boolean): ClientPage {
  const whole: ClientPage = {
    ...page,
    async load() {
      // The layouts first, so that the page's styles come after theirs.
      const frames = layouts.map((layout) => layout.load())
      const [module, ...modules] = await Promise.all([page.load(), ...frames])
      whole.frame ??= createTreeFrame(
        layouts.map(({ route }, index) => ({ route, Component: modules[index]!.default })),
        takesParams,
      )
      return module
    },
  }
  return whole
}
