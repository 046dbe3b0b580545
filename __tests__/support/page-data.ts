/** The payload in a document's page data script. */
export interface ReadPayload {
  props: { pageProps: Record<string, unknown>; [name: string]: unknown }
  page: string
  query: Record<string, unknown>
  buildId: string
  isFallback: boolean
  [flag: string]: unknown
}

const script = /<script id="__PAGE_DATA__" type="application\/json"[^>]*>(.*?)<\/script>/s

export function readPayload(html: string): ReadPayload {
  const text = script.exec(html)?.[1]
  if (text === undefined) throw new Error(`No page data in: ${html.slice(0, 500)}`)
  return JSON.parse(text) as ReadPayload
}

/** What the page itself rendered: the inside of the root element. */
export function readRoot(html: string, rootId = '__page'): string {
  const start = html.indexOf(`<div id="${rootId}">`)
  const end = html.indexOf('<script id="__PAGE_DATA__"')
  if (start === -1 || end === -1) throw new Error(`No root element in: ${html.slice(0, 500)}`)
  return html.slice(start + `<div id="${rootId}">`.length, end - '</div>'.length)
}
