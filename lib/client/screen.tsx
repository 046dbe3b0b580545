import { Component, startTransition, useInsertionEffect, useLayoutEffect } from 'react'
import type { ReactNode } from 'react'
import { hydrateRoot } from 'react-dom/client'

export interface Screen {
  /** Resolves when the server's HTML has been brought to life. */
  readonly hydrated: Promise<void>
  /**
   * Shows a tree as soon as all of it can be; until then the tree before stays, and stays usable. Resolves when it is
   * on the screen, or when another one took its place.
   *
   * @param onInsert called when the tree is put in place, before anything measures it
   */
  render(tree: ReactNode, onInsert?: () => void): Promise<void>
}

/** Hydrates the root element with the tree that the server rendered. */
export function createScreen(root: Element, first: ReactNode, onError?: (error: unknown) => void): Screen {
  let failures = 0
  let settle = () => {}

  const fail = (error: unknown) => {
    failures++
    onError!(error)
  }
  const toTree = (tree: ReactNode, onCommit: () => void, onInsert?: () => void) => (
    <Committed onCommit={onCommit} onInsert={onInsert}>
      {onError ? <Boundary key={failures} onError={fail} children={tree} /> : tree}
    </Committed>
  )

  let reactRoot: ReturnType<typeof hydrateRoot>
  const hydrated = new Promise<void>((resolve) =>
    startTransition(() => {
      reactRoot = hydrateRoot(root, toTree(first, resolve))
    }),
  )
  return {
    hydrated,
    async render(tree, onInsert) {
      await hydrated
      settle()
      await new Promise<void>((resolve) => {
        settle = resolve
        startTransition(() => reactRoot.render(toTree(tree, resolve, onInsert)))
      })
    },
  }
}

interface CommittedProps {
  onCommit(): void
  onInsert: (() => void) | undefined
  children: ReactNode
}

/** Tells when what it holds is on the screen. */
function Committed({ onCommit, onInsert, children }: CommittedProps): ReactNode {
  useInsertionEffect(() => onInsert?.(), [onInsert])
  useLayoutEffect(onCommit, [onCommit])
  return children
}

/** Keeps a page that fails to render from taking the whole tree with it, so that an error page can be shown. */
class Boundary extends Component<{ onError(error: unknown): void; children: ReactNode }> {
  override state = { hasFailed: false }
  static getDerivedStateFromError = () => ({ hasFailed: true })
  override componentDidCatch(error: unknown): void {
    this.props.onError(error)
  }
  override render(): ReactNode {
    return this.state.hasFailed ? null : this.props.children
  }
}
