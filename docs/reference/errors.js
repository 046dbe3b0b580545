// @ts-check
// Writes `errors.md` beside it from the table in lib/errors.ts: node docs/reference/errors.js, after `npm run build`.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/**
 * The page of error codes.
 * @param {Readonly<Record<string, string>>} codes
 */
export function toErrorsPage(codes) {
  const sections = Object.entries(codes).map(([code, meaning]) => `## ${code}\n\n${meaning}\n`)
  return `# Error codes

Every error of ours is a \`PagesError\` with a permanent \`code\`. Recognise it by that, not by \`instanceof\` and
not by its message: \`error.code === 'PAGES_REVALIDATE'\`. The message says what is wrong, names the file, the
route or the option, and what to do about it. Where another error is the reason, it is in \`cause\`. \`status\` is
the HTTP status that an error asks for, if it has one of its own.

Visitors never see a message in production. \`onError\` of [\`pages()\`](options.md) hears of every error.

${sections.join('\n')}`
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { errorCodes } = await import('../../dist/errors.js')
  writeFileSync(join(import.meta.dirname, 'errors.md'), toErrorsPage(errorCodes))
}
