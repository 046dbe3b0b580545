import { escapeJsonForHtml, type PagePayload } from '../protocol/payload.js'

/** Everything of a page payload but the props, which are JSON already. */
export type PayloadFields = Omit<PagePayload, 'props'>

/**
 * The data body of a page: its props as JSON, escaped so that the same text can stand in a script element.
 *
 * `undefined` where the tree holds nothing that JSON can carry.
 */
export function toDataJson(props: Record<string, unknown>): string {
  return escapeJsonForHtml(JSON.stringify(props))
}

/** The text of the page data script, from a data body and the rest of the payload. */
export function toPayloadJson(dataJson: string, fields: PayloadFields): string {
  return `{"props":${dataJson},${escapeJsonForHtml(JSON.stringify(fields)).slice(1)}`
}
