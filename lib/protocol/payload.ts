/** Values of the query string and of route parameters, as page authors see them. */
export type Query = Record<string, string | string[] | undefined>

/** What the browser needs to hydrate a page, carried by the page data script of every document. */
export interface PagePayload {
  /** What `_app` gets: `pageProps` and the extra keys that its `getInitialProps` returned. */
  props: { pageProps: Record<string, unknown>; [appProp: string]: unknown }
  /** The route, e.g. `/blog/[slug]`. */
  page: string
  query: Query
  buildId: string
  /** The shell of a `fallback: true` page, to be filled in by the browser. */
  isFallback: boolean
  /** The mount path, when there is one. */
  basePath?: string
  /** Where assets are loaded from, if not from the site itself. */
  assetPrefix?: string
  /** The page has `getStaticProps`. */
  gsp?: true
  /** The page has `getServerSideProps`. */
  gssp?: true
  /** The page has `getInitialProps`. */
  gip?: true
  /** `_app` has `getInitialProps`. */
  appGip?: true
  /** The page has no data function and was rendered without knowing its query. */
  autoExport?: true
  nextExport?: true
  isPreview?: true
  /** Props that only the HTML needed are not among these. */
  isPartial?: true
  /** Set on error pages only; production carries no message of the original error. */
  err?: { name: string; message: string; statusCode?: number; stack?: string }
}

export const PAYLOAD_ELEMENT_ID = '__PAGE_DATA__'

/** The body of a data response. */
export type DataBody =
  | { pageProps: Record<string, unknown>; isPreview?: true; [appProp: string]: unknown }
  | { redirect: { destination: string; status: number; basePath?: false } }
  | { notFound: true }

/**
 * JSON text that is inert inside a script element of any HTML parser.
 *
 * `<`, `>` and `&` leave no way to end the element or open a comment; U+2028 and U+2029 are line ends to older
 * JavaScript parsers. All five only occur inside JSON strings, where the escape means the same character.
 *
 * @see https://html.spec.whatwg.org/multipage/scripting.html#restrictions-for-contents-of-script-elements
 */
export function escapeJsonForHtml(json: string): string {
  let text = json
  if (text.includes('<')) text = text.replaceAll('<', '\\u003c')
  if (text.includes('>')) text = text.replaceAll('>', '\\u003e')
  if (text.includes('&')) text = text.replaceAll('&', '\\u0026')
  if (text.includes('\u2028')) text = text.replaceAll('\u2028', '\\u2028')
  if (text.includes('\u2029')) text = text.replaceAll('\u2029', '\\u2029')
  return text
}
