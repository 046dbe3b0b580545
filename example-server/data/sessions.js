// @ts-check
import { randomBytes } from 'node:crypto'
import session from 'express-session'
import { database } from './database.js'

const LIFETIME_MS = 30 * 24 * 60 * 60 * 1000

/** Sessions in the shop's database: they survive a restart, and any number of processes share them. */
class DatabaseStore extends session.Store {
  /** @type {session.Store['get']} */
  get(id, done) {
    const query = { sql: 'select data from sessions where id = ? and expires > ?', args: [id, Date.now()] }
    answer(
      run(query).then(({ rows }) => (rows[0] === undefined ? null : JSON.parse(String(rows[0].data)))),
      done,
    )
  }

  /** @type {session.Store['set']} */
  set(id, data, done) {
    const args = [id, JSON.stringify(data), Date.now() + LIFETIME_MS]
    answer(run({ sql: 'insert or replace into sessions (id, data, expires) values (?, ?, ?)', args }), done)
  }

  /** @type {session.Store['destroy']} */
  destroy(id, done) {
    answer(run({ sql: 'delete from sessions where id = ?', args: [id] }), done)
  }
}

/** The session middleware of the shop. */
export async function createSession() {
  return session({
    name: 'nowhere.sid',
    secret: await secret(),
    store: new DatabaseStore(),
    resave: false,
    // Reading the catalogue sets no cookie.
    saveUninitialized: false,
    cookie: { httpOnly: true, sameSite: 'lax', secure: 'auto', maxAge: LIFETIME_MS },
  })
}

/** Signs the cookies: from the environment, or made on first start and kept. */
async function secret() {
  if (process.env.SESSION_SECRET !== undefined) return process.env.SESSION_SECRET
  const args = [randomBytes(32).toString('base64url')]
  await run({ sql: `insert or ignore into settings (name, value) values ('session-secret', ?)`, args })
  const { rows } = await run({ sql: `select value from settings where name = 'session-secret'`, args: [] })
  return String(rows[0]?.value)
}

/** @param {{ sql: string, args: (string | number)[] }} query */
async function run(query) {
  const client = await database()
  return client.execute(query)
}

/**
 * @param {Promise<any>} result
 * @param {((error?: any, value?: any) => void) | undefined} done
 */
function answer(result, done) {
  result.then(
    (value) => done?.(null, value),
    (error) => done?.(error),
  )
}
