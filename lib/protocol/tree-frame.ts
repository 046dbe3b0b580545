import type { ComponentType, ReactNode } from 'react'

/** A `_layout` file as the tree renders it. */
export interface PageLayout {
  /** The place of its folder, e.g. `/shop/[category]`. */
  readonly route: string
  readonly Component: ComponentType<any>
}

/** What stands between `_app` and a page: its layouts, and its parameters where they are a prop. */
export interface TreeFrame {
  /** Rendered by `_app` instead of the page. */
  readonly Outlet: ComponentType<any>
  /** Tells the outlet below `tree` which page it is to show. */
  provide(Component: ComponentType<any>, tree: ReactNode): ReactNode
}
