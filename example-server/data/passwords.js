// @ts-check
import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'

/** @type {(password: string, salt: Buffer, length: number) => Promise<Buffer>} */
const derive = promisify(scrypt)
const LENGTH = 32

/** @param {string} password */
export async function hashPassword(password) {
  const salt = randomBytes(16)
  const hash = await derive(password, salt, LENGTH)
  return `${salt.toString('base64url')}.${hash.toString('base64url')}`
}

/**
 * @param {string} password
 * @param {string} stored
 */
export async function isPassword(password, stored) {
  const [salt = '', hash = ''] = stored.split('.')
  const expected = Buffer.from(hash, 'base64url')
  const actual = await derive(password, Buffer.from(salt, 'base64url'), LENGTH)
  return expected.length === actual.length && timingSafeEqual(expected, actual)
}
