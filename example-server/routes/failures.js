// @ts-check
// The end of the chain. What no page and no route answers comes back to the app, like in any Express app.

/**
 * Programs get a line of text. People go on to the end of the chain, where the shop's own 404 page is.
 * @param {import('express').Request} req
 * @param {import('express').Response} res
 * @param {import('express').NextFunction} next
 */
export function answerPrograms(req, res, next) {
  const wantsPage = req.accepts('html') && !req.path.startsWith('/api/')
  if (wantsPage) next()
  else res.status(404).type('text/plain').send(`Nothing at ${req.method} ${req.path}\n`)
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
