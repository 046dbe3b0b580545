import { existsSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

export const ENV_TYPES_FILE = 'pagepress-env.d.ts'

const ENV_TYPES = `/// <reference types="pagepress/env" />

// Made by pagepress, and made anew when it differs: put declarations of your own into another file.
`

/**
 * Tells TypeScript what pages may import beside code, in a file at the root of a project that has a `tsconfig.json`.
 * Nothing of the running site needs it, so that a folder that cannot be written to is left alone.
 */
export async function writeEnvTypes(root: string): Promise<void> {
  if (!existsSync(join(root, 'tsconfig.json'))) return
  const path = join(root, ENV_TYPES_FILE)
  const found = await readFile(path, 'utf8').catch(() => undefined)
  // A checkout may have changed the ends of lines, which is no difference.
  if (found?.replaceAll('\r\n', '\n') === ENV_TYPES) return
  await writeFile(path, ENV_TYPES).catch(() => undefined)
}
