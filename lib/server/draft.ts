import type { Response } from 'express'
import { previewDataTooLarge, wrongDraftOption } from '../errors.js'
import type { PreviewFields } from '../types.js'
import {
  createCookieWriter,
  DRAFT_COOKIE,
  PREVIEW_COOKIE,
  readDraftCookies,
  type CookieOptions,
} from './draft-cookies.js'
import { createDraftTokens, type DraftKeys } from './draft-token.js'

/** What the cookies of a request amount to. */
export interface DraftState {
  /** What data functions and API routes are told; `undefined` for a visitor who is not in draft mode after all. */
  readonly fields: Required<PreviewFields> | undefined
}

export interface DraftMode {
  /** `undefined` for a request without any of our cookies, as almost all are. */
  read(cookieHeader: string | undefined): DraftState | undefined
  /** Takes back cookies that open nothing. */
  forget(res: Response): void
  /** What API routes have on their response. */
  readonly methods: DraftMethods
}

export interface DraftMethods {
  setDraftMode<T extends Response>(this: T, options: { enable: boolean }): T
  setPreviewData<T extends Response>(this: T, data: object | string, options?: CookieOptions): T
  clearPreviewData<T extends Response>(this: T, options?: { path?: string }): T
}

export interface DraftModeParts {
  readonly keys: DraftKeys
  readonly buildId: string
  readonly dev: boolean
  readonly now: () => number
}

/** Longest cookie that browsers take everywhere, with its name and attributes. */
const MAX_DATA_LENGTH = 2048

/** Draft and preview mode: two cookies by which an editor sees static pages as they would be produced now. */
export function createDraftMode({ keys, buildId, dev, now }: DraftModeParts): DraftMode {
  const tokens = createDraftTokens(keys, buildId)
  const cookies = createCookieWriter(dev)

  function fieldsOf(draft: string | null | undefined, preview: string | null | undefined) {
    const isDraft =
      typeof draft === 'string' && draft.length <= MAX_DATA_LENGTH && tokens.isSigned(draft, now())
    if (!isDraft || preview === null) return undefined
    if (preview === undefined) return toFields({})
    const opened = preview.length <= MAX_DATA_LENGTH ? tokens.open(preview, now()) : undefined
    return opened && toFields(opened.data)
  }

  const methods: DraftMethods = {
    setDraftMode(options) {
      const { enable } = (options as { enable?: unknown } | undefined) ?? {}
      if (typeof enable !== 'boolean') throw wrongDraftOption(enable)
      if (enable) cookies.set(this, [DRAFT_COOKIE, tokens.sign(0)])
      else cookies.expire(this, DRAFT_COOKIE)
      return this
    },
    setPreviewData(data, options = {}) {
      const { maxAge } = options
      const expiresAt = typeof maxAge === 'number' ? now() + maxAge * 1000 : 0
      const sealed = tokens.seal(data, expiresAt)
      if (sealed.length > MAX_DATA_LENGTH) throw previewDataTooLarge(sealed.length)
      cookies.set(this, [DRAFT_COOKIE, tokens.sign(expiresAt)], options)
      cookies.set(this, [PREVIEW_COOKIE, sealed], options)
      return this
    },
    clearPreviewData({ path } = {}) {
      for (const name of [DRAFT_COOKIE, PREVIEW_COOKIE]) cookies.expire(this, name, path)
      return this
    },
  }

  return {
    read(header) {
      const sent = readDraftCookies(header)
      return sent && { fields: fieldsOf(sent.draft, sent.preview) }
    },
    forget(res) {
      for (const name of [DRAFT_COOKIE, PREVIEW_COOKIE]) cookies.expire(res, name)
    },
    methods,
  }
}

function toFields(previewData: unknown): Required<PreviewFields> {
  return { preview: true, draftMode: true, previewData: previewData as object }
}
