// @ts-check
import { database } from './database.js'
import { isPassword } from './passwords.js'

/**
 * @typedef {object} User
 * @property {number} id
 * @property {string} name
 * @property {boolean} admin
 */

/**
 * The user with this name and password.
 * @param {string} name
 * @param {string} password
 * @returns {Promise<User | undefined>}
 */
export async function authenticate(name, password) {
  const client = await database()
  const { rows } = await client.execute({
    sql: 'select id, name, password, admin from users where name = ?',
    args: [name],
  })
  const row = rows[0]
  // A name that nobody has costs the same time as a wrong password.
  const correct = await isPassword(password, String(row?.password ?? NOBODY))
  if (row === undefined || !correct) return undefined
  return { id: Number(row.id), name: String(row.name), admin: row.admin === 1 }
}

const NOBODY = `${Buffer.alloc(16).toString('base64url')}.${Buffer.alloc(32).toString('base64url')}`
