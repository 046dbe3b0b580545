import { createContext, type ReactNode } from 'react'

/** What the server hands to the parts of a custom `_document`. */
export interface DocumentParts {
  /** The page's HTML. */
  readonly html: string
  /** The tags that the page's `Head` asked for. */
  readonly head: ReactNode
  /** What a custom `getInitialProps` put into `styles`. */
  readonly styles: ReactNode
  /** The page payload as JSON that is inert in HTML; `undefined` for a page that is not to be hydrated. */
  readonly payload: string | undefined
  readonly rootId: string
  readonly scripts: readonly string[]
  readonly preloads: readonly string[]
  /** Style sheets of `_app`, of the page, and of its parts that were rendered. */
  readonly globalStyles: readonly string[]
  readonly pageStyles: readonly string[]
  readonly partStyles: readonly string[]
  /** The page is hidden until its styles are there. Development only. */
  readonly guards: boolean
  readonly inlineStyles: readonly { readonly id: string; readonly css: string }[]
  /** Which of the four parts the document has rendered; development warns of a missing one. */
  readonly rendered: Set<string>
  /** Tags in the document's `Head` that belong to pages; development warns of them. */
  readonly misplaced: Set<string>
}

export const DocumentPartsContext = createContext<DocumentParts | null>(null)
