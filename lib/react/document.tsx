import { Children, Component, Fragment, isValidElement, useContext } from 'react'
import type { HTMLAttributes, ReactElement, ReactNode, ScriptHTMLAttributes } from 'react'
import type { DocumentContext as InitialContext, DocumentInitialProps } from '../types.js'
import { PAYLOAD_ELEMENT_ID } from '../protocol/payload.js'
import { GLOBAL_SHEET, PAGE_SHEET, SHEETS_END } from '../protocol/sheet-marks.js'
import { DocumentPartsContext, type DocumentParts } from './document-parts.js'
import { StyleGuard } from './style-guard.js'

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

/**
 * The `head` element: the page's own tags, its style sheets, then the children. `nonce` and `crossOrigin` are set on all
 * its links, and on those that are added while the visitor goes from page to page.
 */
export function Head({ children, nonce, crossOrigin, ...attributes }: DocumentHeadProps): ReactElement {
  const parts = usePart('Head')
  noteMisplaced(children, parts)
  const sheet = (mark: object) => (href: string) => (
    <Fragment key={href}>
      <link rel="preload" href={href} as="style" onLoad={stay} nonce={nonce} crossOrigin={crossOrigin} />
      <link rel="stylesheet" href={href} nonce={nonce} crossOrigin={crossOrigin} {...mark} />
    </Fragment>
  )
  return (
    <head {...attributes}>
      {parts.head}
      {parts.guards ? <StyleGuard nonce={nonce} /> : null}
      {parts.guards && nonce !== undefined ? <meta property="csp-nonce" nonce={nonce} /> : null}
      {parts.inlineStyles.map(({ id, css }) => (
        <style key={id} nonce={nonce} data-vite-dev-id={id} dangerouslySetInnerHTML={{ __html: css }} />
      ))}
      {parts.globalStyles.map(sheet({ [GLOBAL_SHEET]: '' }))}
      {parts.pageStyles.map(sheet({ [PAGE_SHEET]: '' }))}
      <noscript {...{ [SHEETS_END]: '' }} />
      {parts.partStyles.map(sheet({}))}
      {parts.preloads.map((href) => (
        <link key={href} rel="modulepreload" href={href} nonce={nonce} crossOrigin={crossOrigin} />
      ))}
      {parts.styles}
      {children}
    </head>
  )
}

/** A `title` or `viewport` here would stand beside those of pages, which replace only each other's. */
function noteMisplaced(children: ReactNode, parts: DocumentParts): void {
  Children.forEach(children, (child) => {
    if (!isValidElement<{ name?: string; children?: ReactNode }>(child)) return
    const { type, props } = child
    if (type === Fragment) noteMisplaced(props.children, parts)
    else if (type === 'title') parts.misplaced.add('<title>')
    else if (type === 'meta' && props.name === 'viewport') parts.misplaced.add('<meta name="viewport">')
  })
}

/** React moves links to the front of the head, but not those with a handler; on the server none is written. */
const stay = () => {}

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
        nonce={nonce}
        crossOrigin={crossOrigin}
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
