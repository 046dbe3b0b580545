// @ts-check
import { Router } from 'express'
import { authenticate } from '../data/users.js'

/** `POST /login` and `POST /logout`: plain forms that answer with a redirect. The form itself is `pages/login.tsx`. */
export function signIn() {
  const router = Router()

  router.post('/login', async (req, res) => {
    const { name, password, next } = req.body ?? {}
    const user = await authenticate(String(name ?? ''), String(password ?? ''))
    if (user === undefined) {
      const back = new URLSearchParams({ error: 'wrong', next: localPath(next) })
      return res.redirect(303, `/login?${back}`)
    }
    const { cart } = req.session
    // A new session id at the moment of signing in: one that was planted before is worth nothing.
    await changeSession(req, 'regenerate')
    req.session.user = user
    if (cart !== undefined) req.session.cart = cart
    res.redirect(303, localPath(next))
  })

  router.post('/logout', async (req, res) => {
    await changeSession(req, 'destroy')
    res.clearCookie('nowhere.sid').redirect(303, '/')
  })

  return router
}

/**
 * A path of this site, whatever the form said: never a way to send people elsewhere.
 * @param {unknown} next
 */
function localPath(next) {
  if (typeof next !== 'string' || !/^\/(?![/\\])[\x21-\x7e]*$/.test(next)) return '/account'
  return next
}

/**
 * @param {import('express').Request} req
 * @param {'regenerate' | 'destroy'} change
 * @returns {Promise<void>}
 */
function changeSession(req, change) {
  return new Promise((resolve, reject) =>
    req.session[change]((/** @type {unknown} */ error) => (error ? reject(error) : resolve())),
  )
}
