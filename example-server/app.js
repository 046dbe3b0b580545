// @ts-check
import express from 'express'
import { pages } from 'pagepress'
import { database } from './data/database.js'
import { createSession } from './data/sessions.js'
import { checkout } from './routes/checkout.js'
import { answerError, answerPrograms } from './routes/failures.js'
import { requireAdmin, requireUser } from './routes/guards.js'
import { logRequests } from './routes/request-log.js'
import { receipts } from './routes/receipts.js'
import { signIn } from './routes/sign-in.js'

/**
 * @typedef {object} ShopOptions
 * @property {string} [root] The folder with `pages`; this one unless told otherwise.
 * @property {boolean} [dev] As in `pages()`.
 * @property {boolean} [log] One line for each request; yes unless told otherwise.
 */

/**
 * An Express app as people have them, with a shop's pages in it.
 * @param {ShopOptions} [options]
 */
export async function createApp({ root = import.meta.dirname, dev, log = true } = {}) {
  await database()

  const app = express()
  app.disable('x-powered-by')
  // One proxy in front, on this machine: what it says about protocol and address is believed, nobody else's word is.
  app.set('trust proxy', 'loopback')

  if (log) app.use(logRequests)
  app.use(await createSession())
  app.use(express.json())
  app.use(express.urlencoded({ extended: false }))

  // Guards stand before the pages they guard, as for any other route. They hold for the pages' data too.
  app.use('/account', requireUser)
  app.use(['/admin', '/api/admin'], requireAdmin)

  app.use(signIn())
  app.use(checkout())
  // A route from long before the pages came. It stays as it is.
  app.use('/receipts', requireUser, receipts())

  const site = pages({ root, ...(dev === undefined ? {} : { dev }) })
  app.use(site)

  app.use(answerPrograms)
  app.use(site.notFound)
  app.use(answerError)

  return { app, site }
}
