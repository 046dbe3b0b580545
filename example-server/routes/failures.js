// @ts-check
// The end of the chain. What no page and no route answers comes back to the app, like in any Express app.

/**
 * @param {import('express').Request} req
 * @param {import('express').Response} res
 */
export function answerNotFound(req, res) {
  res.status(404)
  const wantsPage = req.accepts('html') && !req.path.startsWith('/api/')
  if (wantsPage) res.send(page('Not known at this address'))
  else res.type('text/plain').send(`Nothing at ${req.method} ${req.path}\n`)
}

/**
 * The last resort for what fails outside the pages, e.g. a malformed JSON body. Express knows an error handler by its
 * four parameters.
 * @param {Error & { status?: number }} error
 * @param {import('express').Request} _req
 * @param {import('express').Response} res
 * @param {import('express').NextFunction} next
 */
// oxlint-disable-next-line max-params
export function answerError(error, _req, res, next) {
  if (res.headersSent) {
    next(error)
    return
  }
  const status = error.status ?? 500
  if (status >= 500) console.error(error)
  const text = status < 500 ? error.message : 'Something broke. It has been noted.'
  res.status(status).type('text/plain').send(`${text}\n`)
}

/** @param {string} heading */
function page(heading) {
  return `<!doctype html>
<html lang="en">
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <title>${heading} – Nowhere Post</title>
  <style>
    :root { color-scheme: light dark }
    body {
      max-width: 36rem;
      margin: 0 auto;
      padding: 12vh 1.25rem;
      color: light-dark(#1b2130, #ece9e1);
      font: 1.1rem/1.6 'Iowan Old Style', 'Palatino Linotype', Palatino, P052, Georgia, serif;
    }
    html::before {
      content: '';
      display: block;
      height: 8px;
      background: repeating-linear-gradient(-55deg, #b01a38 0 18px, #0000 18px 30px, #3d5cb4 30px 48px, #0000 48px 60px);
    }
    html { background: light-dark(#f1f3ef, #101216) }
    h1 { font-size: 2.4rem; line-height: 1.15; letter-spacing: -0.012em }
    a { color: inherit; text-underline-offset: 0.2em }
  </style>
  <h1>${heading}</h1>
  <p>There is no such page. Here, of all places, that means little: <a href="/">the front page</a> and
  <a href="/products">the catalogue</a> are where they always were.</p>
</html>
`
}
