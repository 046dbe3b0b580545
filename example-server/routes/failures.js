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
  <meta name="color-scheme" content="light dark">
  <title>${heading} – Nowhere Post</title>
  <body style="max-width: 36rem; margin: 15vh auto; padding: 0 1.25rem; font: 1.1rem/1.6 Georgia, serif">
    <h1 style="line-height: 1.15">${heading}</h1>
    <p>There is no such page. Here, of all places, that means little: <a href="/">the front page</a> and
    <a href="/products">the catalogue</a> are where they always were.</p>
  </body>
</html>
`
}
