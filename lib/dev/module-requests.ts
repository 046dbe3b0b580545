import { realpath } from 'node:fs/promises'
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import { isAbsolute, relative, resolve, sep } from 'node:path'

/**
 * Whether a page of another site loads the request as a script, which browsers let it do without asking. What it asks for
 * with `mode: cors` is for `server.cors` of the Vite configuration to say.
 */
export function isForeignScript(headers: IncomingHttpHeaders): boolean {
  if (!isForeign(headers) || headers['sec-fetch-mode'] === 'cors') return false
  const destination = headers['sec-fetch-dest']
  return destination === undefined || /^(?:script|empty|.*worker|.*worklet|xslt)$/.test(String(destination))
}

/** Another port of this machine counts as the same site: whoever listens there is a stranger, too. */
function isForeign(headers: IncomingHttpHeaders): boolean {
  return /^(?:cross-site|same-site)$/.test(String(headers['sec-fetch-site']))
}

const EDITOR = '__open-in-editor'

/** Whether Vite would take the request for one that opens a file in the editor: it compares no cases, and takes any ending. */
export function opensEditor({ url = '' }: IncomingMessage): boolean {
  return new RegExp(`^/_assets/+${EDITOR}`, 'i').test(url)
}

/**
 * The request that opens a file, or `undefined` for one that is refused. Only files of the project are opened, and only
 * at the wish of its own pages.
 *
 * @returns a URL with the file's full path, which Vite would look for where the process was started
 */
export async function toEditorUrl(
  { url = '', method, headers }: IncomingMessage,
  root: string,
): Promise<string | undefined> {
  if (method !== 'GET' || isForeign(headers)) return undefined
  const wanted = new URLSearchParams(url.slice(url.indexOf('?') + 1)).get('file') ?? ''
  const [, name = '', place = ''] = /^(.*?)((?::\d+){0,2})$/s.exec(wanted) ?? []
  // Names of other machines: only looking whether the file is there would tell them who asks.
  if (name === '' || name.includes('\0') || /^(?:[\\/]{2}|[a-z]{2,}:)/i.test(name)) return undefined
  const file = await whereItIs(resolve(root, name))
  const folder = await whereItIs(root)
  if (file === undefined || folder === undefined || !isBelow(folder, file)) return undefined
  return `/_assets/${EDITOR}?file=${encodeURIComponent(file + place)}`
}

async function whereItIs(path: string): Promise<string | undefined> {
  return realpath(path).catch(() => undefined)
}

function isBelow(folder: string, file: string): boolean {
  const way = relative(folder, file)
  return way !== '' && !isAbsolute(way) && way !== '..' && !way.startsWith(`..${sep}`)
}
