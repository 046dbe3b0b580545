import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { stripVTControlCharacters } from 'node:util'
import { toRelative } from '../vite/page-files.js'
import { errorScripts } from './dev-modules.js'

export interface ErrorPageOptions {
  root: string
  /** The mount path, `''` or e.g. `/shop`. */
  basePath: string
  /** How many changes of files there have been. */
  changes: number
}

/** What can be said of a thrown value. */
interface ShownError {
  readonly name: string
  readonly message: string
  readonly stack: string
  readonly place: Place | undefined
  /** A code frame that came with the error, from a compiler. */
  readonly frame: string | undefined
}

interface Place {
  readonly file: string
  readonly line: number
  readonly column: number
}

/** Turns whatever was thrown while a page was produced into a document that shows it, and loads anew after an edit. */
export function renderErrorPage(error: unknown, { root, basePath, changes }: ErrorPageOptions): string {
  const shown = toShownError(error, root)
  const { place } = shown
  const frame = shown.frame ? escapeHtml(shown.frame) : place ? codeFrame(place) : ''
  const where = place ? `${toRelative(root, place.file)}:${place.line}:${place.column}` : ''
  const title = `${shown.name}: ${shown.message.split('\n')[0]}`
  return `<!DOCTYPE html>
<html lang="en" data-changes="${changes}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="robots" content="noindex">
<title>${escapeHtml(title)}</title>
<style>${STYLE}</style>
${errorScripts.map((path) => `<script type="module" src="${escapeHtml(basePath)}/_assets/${path}"></script>`).join('\n')}
</head>
<body>
<main>
<p class="kind">${escapeHtml(shown.name)}</p>
<h1>${escapeHtml(shown.message)}</h1>
${where ? `<p class="where">${escapeHtml(where)}</p>` : ''}
${frame ? `<pre class="frame"><code>${frame}</code></pre>` : ''}
${shown.stack ? `<h2>Stack</h2>\n<pre class="stack">${escapeHtml(shorten(shown.stack, root))}</pre>` : ''}
<p class="hint">Shown in development only. The page loads anew when you save a change.</p>
</main>
</body>
</html>
`
}

function toShownError(error: unknown, root: string): ShownError {
  if (!(error instanceof Error) && !(typeof error === 'object' && error !== null && 'message' in error)) {
    return {
      name: 'Thrown',
      message: `${describe(error)} was thrown, which is no Error.`,
      stack: '',
      place: undefined,
      frame: undefined,
    }
  }
  const { name, stack, id } = error as CompilerError
  const { message, loc, frame } = theOneThatMatters(error as CompilerError)
  const lines = stripVTControlCharacters(String(stack ?? '')).split('\n')
  const firstFrame = lines.findIndex((line) => /^\s+at /.test(line))
  const frames = firstFrame < 0 ? [] : lines.slice(firstFrame)
  const place =
    loc?.file || id
      ? { file: String(loc?.file ?? id).replace(/\?.*$/, ''), line: loc?.line ?? 1, column: loc?.column ?? 0 }
      : placeIn(frames, root)
  return {
    name: String(name ?? 'Error'),
    message: stripVTControlCharacters(String(message)),
    stack: frames.join('\n'),
    place,
    frame: frame === undefined ? undefined : stripVTControlCharacters(String(frame)),
  }
}

/**
 * A bundler gathers what it found in one error whose message is all of them, drawn for a terminal. The first says enough: the
 * others mostly follow from it, and its place is drawn here.
 */
function theOneThatMatters(error: CompilerError): Pick<CompilerError, 'message' | 'loc' | 'frame'> {
  const first = Array.isArray(error.errors) ? error.errors[0] : undefined
  if (first?.loc === undefined) return error
  const [line = ''] = stripVTControlCharacters(String(first.message)).split('\n', 1)
  // It counts columns from 0, unlike everybody who shows them.
  const loc = { ...first.loc, column: first.loc.column + 1 }
  return { message: line.replace(/^\[[A-Z_]+\] /, ''), loc }
}

/** Vite and the compilers under it say where the trouble is. */
interface CompilerError extends Error {
  loc?: { file?: string; line: number; column: number }
  id?: string
  frame?: string
  errors?: CompilerError[]
}

function describe(value: unknown): string {
  try {
    return typeof value === 'string' ? JSON.stringify(value) : String(value)
  } catch {
    return 'Something'
  }
}

/** The topmost place in the project's own code. */
function placeIn(frames: readonly string[], root: string): Place | undefined {
  for (const frame of frames) {
    const [, path, line, column] =
      /\(?((?:file:\/\/)?\/[^()]+?|[A-Za-z]:[^()]+?):(\d+):(\d+)\)?$/.exec(
        frame.replace(/^\s+at (?:async )?/, ''),
      ) ?? []
    if (path === undefined) continue
    const file = path.startsWith('file://') ? fileURLToPath(path) : path
    if (file.startsWith(root) && !file.includes('/node_modules/'))
      return { file, line: Number(line), column: Number(column) }
  }
  return undefined
}

const CONTEXT_LINES = 4

function codeFrame({ file, line, column }: Place): string {
  let lines: string[]
  try {
    lines = readFileSync(file, 'utf8').split(/\r?\n/)
  } catch {
    return ''
  }
  const from = Math.max(1, line - CONTEXT_LINES)
  const to = Math.min(lines.length, line + CONTEXT_LINES)
  const width = String(to).length
  const shown: string[] = []
  for (let number = from; number <= to; number += 1) {
    const gutter = `${number === line ? '>' : ' '} ${String(number).padStart(width)} | `
    const text = escapeHtml(gutter + (lines[number - 1] ?? ''))
    // The mark is a block: it needs no line end of its own.
    const caret = ' '.repeat(gutter.length + Math.max(0, column - 1))
    shown.push(number === line ? `<mark>${text}\n${caret}^</mark>` : `${text}\n`)
  }
  return shown.join('')
}

/** Paths relative to the project are easier to read. */
function shorten(stack: string, root: string): string {
  return stack.replaceAll(`file://${root}/`, '').replaceAll(`${root}/`, '').replace(/^ {4}/gm, '')
}

function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;')
}

const STYLE = `
:root { color-scheme: light dark; --back: #fff; --text: #1c1c1f; --soft: #6b6b74; --line: #e4e4e9; --code: #f6f6f8; --red: #c4233b; --mark: #fde8ea }
@media (prefers-color-scheme: dark) { :root { --back: #17171a; --text: #ececf0; --soft: #9a9aa6; --line: #2e2e35; --code: #1f1f24; --red: #ff7085; --mark: #3c1d24 } }
* { box-sizing: border-box }
body { margin: 0; background: var(--back); color: var(--text); font: 16px/1.5 system-ui, sans-serif; border-top: 4px solid var(--red) }
main { max-width: 62rem; margin: 0 auto; padding: 2.5rem 1.25rem }
.kind { margin: 0; color: var(--red); font-weight: 600 }
h1 { margin: .25rem 0 1rem; font-size: 1.375rem; line-height: 1.35; white-space: pre-wrap; overflow-wrap: anywhere }
h2 { margin: 2rem 0 .5rem; font-size: .875rem; color: var(--soft); font-weight: 600 }
.where { margin: 0 0 .5rem; color: var(--soft); font-family: ui-monospace, monospace; font-size: .875rem; overflow-wrap: anywhere }
pre { margin: 0; padding: 1rem; overflow: auto; background: var(--code); border: 1px solid var(--line); border-radius: 8px; font: 13px/1.6 ui-monospace, monospace }
pre > code { display: block; width: max-content; min-width: 100% }
mark { background: var(--mark); color: inherit; display: block }
.stack { color: var(--soft) }
.hint { margin-top: 2rem; color: var(--soft); font-size: .875rem }
`
