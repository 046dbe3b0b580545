/** What a custom `_document` left out, and what it has that belongs to pages. */
export interface DocumentFaults {
  /** Names of the parts that it did not render. */
  readonly missing: readonly string[]
  /** Tags in its `Head` that pages have, too. */
  readonly misplaced: readonly string[]
}

/** Tells a developer, each time a document is rendered. */
export function warnOfDocument({ missing, misplaced }: DocumentFaults): void {
  const [is, it] = missing.length === 1 ? ['is', 'it'] : ['are', 'them']
  if (missing.length > 0)
    warn(
      `did not render ${missing.map((name) => `<${name} />`).join(', ')}, which ${is} needed for pages to work. Import ${it} from 'pagepress/document' and render ${it}.`,
    )
  if (misplaced.length > 0)
    warn(
      `has ${misplaced.join(', ')} in its <Head>, beside what pages have of it. Use <Head> of 'pagepress/react' in \`_app\` instead.`,
    )
}

function warn(text: string): void {
  // oxlint-disable-next-line no-console -- said to a developer
  console.warn(`pagepress: your custom \`_document\` ${text}`)
}
