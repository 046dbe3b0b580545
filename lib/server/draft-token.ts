import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  randomBytes,
  timingSafeEqual,
  type CipherGCM,
} from 'node:crypto'

/** Secrets of one build, or of one start of the development server: 32 random bytes each, in base64url. */
export interface DraftKeys {
  readonly signing: string
  readonly encryption: string
}

export function createDraftKeys(): DraftKeys {
  const key = () => randomBytes(32).toString('base64url')
  return { signing: key(), encryption: key() }
}

/** What the two cookies of draft and preview mode hold. Nobody without the keys can make one, or read the data. */
export interface DraftTokens {
  /** @param expiresAt milliseconds of the wall clock, or 0 for as long as the build lives */
  sign(expiresAt: number): string
  isSigned(token: string, now: number): boolean
  seal(data: unknown, expiresAt: number): string
  /** The data in an object of its own, because it may be `undefined`; `undefined` for what is no token of ours. */
  open(token: string, now: number): { readonly data: unknown } | undefined
}

const NONCE_BYTES = 12
const TAG_BYTES = 16
const CIPHER = 'aes-256-gcm'
const BASE64URL = /^[\w-]+$/

export function createDraftTokens({ signing, encryption }: DraftKeys, buildId: string): DraftTokens {
  const signingKey = Buffer.from(signing, 'base64url')
  const encryptionKey = Buffer.from(encryption, 'base64url')
  /** Bound to the build: keys that were carried over to another one open nothing there. */
  const scope = Buffer.from(`preview\0${buildId}`)

  function macOf(text: string): Buffer {
    return createHmac('sha256', signingKey).update(`draft\0${buildId}\0${text}`).digest()
  }

  return {
    sign(expiresAt) {
      const text = `${expiresAt.toString(36)}.${randomBytes(NONCE_BYTES).toString('base64url')}`
      return `${text}.${macOf(text).toString('base64url')}`
    },
    isSigned(token, now) {
      const cut = token.lastIndexOf('.')
      const text = token.slice(0, Math.max(0, cut))
      const mac = macOf(text)
      const given = Buffer.from(token.slice(cut + 1), 'base64url')
      if (given.length !== mac.length || !timingSafeEqual(given, mac)) return false
      // The bits that base64url leaves over are not part of the bytes that were compared.
      if (token.slice(cut + 1) !== mac.toString('base64url')) return false
      return isAlive(parseInt(text, 36), now)
    },
    seal(data, expiresAt) {
      const nonce = randomBytes(NONCE_BYTES)
      const cipher: CipherGCM = createCipheriv(CIPHER, encryptionKey, nonce)
      cipher.setAAD(scope)
      const text = JSON.stringify([expiresAt, data])
      const bytes = Buffer.concat([nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()])
      return bytes.toString('base64url')
    },
    open(token, now) {
      const bytes = BASE64URL.test(token) ? Buffer.from(token, 'base64url') : Buffer.alloc(0)
      if (bytes.length < NONCE_BYTES + TAG_BYTES || bytes.toString('base64url') !== token) return undefined
      try {
        const decipher = createDecipheriv(CIPHER, encryptionKey, bytes.subarray(0, NONCE_BYTES))
        decipher.setAAD(scope)
        decipher.setAuthTag(bytes.subarray(-TAG_BYTES))
        const sealed = bytes.subarray(NONCE_BYTES, -TAG_BYTES)
        const text = Buffer.concat([decipher.update(sealed), decipher.final()]).toString()
        const [expiresAt, data] = JSON.parse(text) as [number, unknown]
        return isAlive(expiresAt, now) ? { data } : undefined
      } catch {
        return undefined
      }
    },
  }
}

function isAlive(expiresAt: number, now: number): boolean {
  return expiresAt === 0 || now < expiresAt
}
