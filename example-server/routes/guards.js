// @ts-check

/** @typedef {import('express').RequestHandler} RequestHandler */

/**
 * Lets signed-in visitors pass; the others are asked to sign in and come back.
 * @type {RequestHandler}
 */
export function requireUser(req, res, next) {
  if (req.session.user !== undefined) return next()
  res.redirect(303, `/login?next=${encodeURIComponent(cameFrom(req))}`)
}

/** @type {RequestHandler} */
export function requireAdmin(req, res, next) {
  if (req.session.user?.admin === true) return next()
  res.redirect(303, `/login?next=${encodeURIComponent(cameFrom(req))}&need=admin`)
}

/**
 * Where to go after signing in: only what was read, not a form that was sent.
 * @param {import('express').Request} req
 */
function cameFrom(req) {
  return req.method === 'GET' && !req.originalUrl.startsWith('/api/') ? req.originalUrl : '/account'
}
