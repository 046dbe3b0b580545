import express5, { type Express } from 'express'
import express4 from 'express4'

/** Both Express majors, for `describe.each`. */
export const expressVersions: readonly (readonly [name: string, createApp: () => Express])[] = [
  ['Express 5', () => express5()],
  ['Express 4', () => express4() as unknown as Express],
]
