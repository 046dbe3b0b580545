// @ts-check

/**
 * Lets signed-in visitors pass; the others are asked to sign in and come back.
 * @param {import('express').Request} req
 * @param {import('express').Response} res
 * @param {import('express').NextFunction} next
 */
export function requireUser(req, res, next) {
  if (req.session.user !== undefined) next()
  else res.redirect(303, `/login?next=${encodeURIComponent(cameFrom(req))}`)
}

/**
 * Lets the postmaster pass.
 * @param {import('express').Request} req
 * @param {import('express').Response} res
 * @param {import('express').NextFunction} next
 */
export function requireAdmin(req, res, next) {
  if (req.session.user?.admin === true) next()
  else res.redirect(303, `/login?next=${encodeURIComponent(cameFrom(req))}&need=admin`)
}

/**
 * Where to go after signing in: only what was read, not a form that was sent.
 * @param {import('express').Request} req
 */
function cameFrom(req) {
  return req.method === 'GET' && !req.originalUrl.startsWith('/api/') ? req.originalUrl : '/account'
}
