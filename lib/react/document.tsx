import { Component, useContext } from 'react'
import type { HTMLAttributes, ReactElement, ReactNode, ScriptHTMLAttributes } from 'react'
import type { DocumentContext as InitialContext, DocumentInitialProps } from '../types.js'
import { PAYLOAD_ELEMENT_ID } from '../protocol/payload.js'
import { DocumentPartsContext, type DocumentParts } from './document-parts.js'

export type { DocumentContext, DocumentInitialProps } from '../types.js'

function usePart(name: string): DocumentParts {
  const parts = useContext(DocumentPartsContext)
  if (parts === null)
    throw new Error(`<${name}> of pagepress/document was rendered outside \`_document\`. Use it there only.`)
  parts.rendered.add(name)
  return parts
}

/** The `html` element. */
export function Html(props: HTMLAttributes<HTMLHtmlElement>): ReactElement {
  usePart('Html')
  return <html {...props} />
}

export interface DocumentHeadProps extends HTMLAttributes<HTMLHeadElement> {
  nonce?: string
  crossOrigin?: 'anonymous' | 'use-credentials'
}

/** The `head` element: the page's own tags, its stylesheets, then the children. */
export function Head({ children, nonce, crossOrigin, ...attributes }: DocumentHeadProps): ReactElement {
  const parts = usePart('Head')
  return (
    <head {...attributes}>
      {parts.head}
      {parts.inlineStyles.map(({ id, css }) => (
        <style key={id} nonce={nonce} data-vite-dev-id={id} dangerouslySetInnerHTML={{ __html: css }} />
      ))}
      {parts.stylesheets.map((href) => (
        <link key={href} rel="stylesheet" href={href} nonce={nonce} crossOrigin={crossOrigin} />
      ))}
      {parts.preloads.map((href) => (
        <link key={href} rel="modulepreload" href={href} nonce={nonce} crossOrigin={crossOrigin} />
      ))}
      {parts.styles}
      {children}
    </head>
  )
}

/** The element that holds the page. */
export function Main(): ReactElement {
  const parts = usePart('Main')
  return <div id={parts.rootId} dangerouslySetInnerHTML={{ __html: parts.html }} />
}

export type ScriptsProps = Pick<ScriptHTMLAttributes<HTMLScriptElement>, 'nonce' | 'crossOrigin'>

/** The page payload and the scripts that bring the page to life. */
export function Scripts({ nonce, crossOrigin }: ScriptsProps): ReactElement {
  const parts = usePart('Scripts')
  // A page that is not to be hydrated.
  if (parts.payload === undefined) return <></>
  return (
    <>
      <script
        id={PAYLOAD_ELEMENT_ID}
        type="application/json"
        dangerouslySetInnerHTML={{ __html: parts.payload }}
      />
      {parts.scripts.map((src) => (
        <script key={src} type="module" src={src} nonce={nonce} crossOrigin={crossOrigin} />
      ))}
    </>
  )
}

/** What a `_document` component gets beside what its own `getInitialProps` returned. */
export type DocumentProps = DocumentInitialProps

/** The default `_document`, and the base of one written as a class. */
export class Document<P = {}> extends Component<P & DocumentProps> {
  /** Renders the page. A document of your own may call it and add to the result. */
  static getInitialProps(context: InitialContext): Promise<DocumentInitialProps> {
    return context.defaultGetInitialProps(context)
  }

  override render(): ReactNode {
    return (
      <Html>
        <Head />
        <body>
          <Main />
          <Scripts />
        </body>
      </Html>
    )
  }
}

export default Document
