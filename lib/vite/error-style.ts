import { fileURLToPath } from 'node:url'
import type { Plugin } from 'vite'

const errorPage = fileURLToPath(new URL('../react/error-page.js', import.meta.url))
const SOURCE = 'virtual:pagepress/error-page.css'

const css = `.pagepress-error {
  box-sizing: border-box;
  display: flex;
  align-items: center;
  justify-content: center;
  min-height: 100vh;
  min-height: 100dvh;
  padding: 2rem;
  color: #1c2024;
  background: #fcfcfd;
  text-align: center;
  font: 1rem/1.5 system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', sans-serif;
}
.pagepress-error h1 {
  margin: 0;
  font-size: clamp(3.5rem, 14vw, 6rem);
  font-weight: 650;
  line-height: 1;
  letter-spacing: -0.03em;
}
.pagepress-error p {
  max-width: 34rem;
  margin: 1rem 0 0;
  color: #60646c;
  font-size: 1.125rem;
}
body:has(> div > .pagepress-error:only-child) {
  margin: 0;
}
@media (prefers-color-scheme: dark) {
  .pagepress-error:not(.pagepress-light) {
    color: #edeef0;
    background: #111113;
  }
  .pagepress-error:not(.pagepress-light) p {
    color: #b0b4ba;
  }
}
`

/** The style of the built-in error page, as Vite's client knows it. */
export const errorPageStyle = { id: SOURCE, css }

/**
 * Gives the built-in error page its style: as a style sheet of the bundle, which every Content-Security-Policy lets in
 * that the page's scripts can live with. A `<style>` in the page would be inline.
 */
export function errorStyle(): Plugin {
  return {
    name: 'pagepress:error-style',
    resolveId: {
      order: 'pre',
      filter: { id: /^virtual:pagepress\/error-page\.css$/ },
      handler: (source) => source,
    },
    load: {
      filter: { id: /^virtual:pagepress\/error-page\.css$/ },
      handler: () => css,
    },
    transform: {
      filter: { id: /\/error-page\.js(?:\?|$)/ },
      handler(code, id) {
        if (this.environment.config.consumer !== 'client' || id.replace(/\?.*$/, '') !== errorPage)
          return undefined
        return { code: `${code}\nimport ${JSON.stringify(SOURCE)}\n`, map: null }
      },
    },
  }
}
