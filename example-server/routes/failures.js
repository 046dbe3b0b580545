// @ts-check
// The end of the chain. What no page and no route answers comes back to the app, like in any Express app.

/** @type {import('express').RequestHandler} */
export function answerNotFound(req, res) {
  res.status(404)
  if (req.accepts('html') && !req.path.startsWith('/api/')) return res.send(page('Not known at this address'))
  res.type('text/plain').send(`Nothing at ${req.method} ${req.path}\n`)
}

/**
 * The last resort for what fails outside the pages, e.g. a malformed JSON body.
 * @type {import('express').ErrorRequestHandler}
 */
export function answerError(error, _req, res, next) {
  if (res.headersSent) return next(error)
  const status = Number(error.status ?? 500)
  if (status >= 500) console.error(error)
  res
    .status(status)
    .type('text/plain')
    .send(status < 500 ? `${error.message}\n` : 'Something broke. It has been noted.\n')
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
