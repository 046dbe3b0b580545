/**
 * Exports of page modules that only the server reads. Browser code is built without them, and without everything that
 * only they use.
 */
export const serverOnlyExports: ReadonlySet<string> = new Set([
  'getServerSideProps',
  'getStaticProps',
  'getStaticPaths',
  'generateStaticParams',
  'config',
  'revalidate',
  'dynamicParams',
  'middleware',
])

/** Server-only when it is a word (`export const dynamic = 'force-static'`); a component may well be called so, too. */
export const SERVER_ONLY_WORD = 'dynamic'
