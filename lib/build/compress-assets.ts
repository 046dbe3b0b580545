import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'
import { findFiles } from '../server/find-files.js'
import { isCompressible } from '../server/static-files.js'

const toBrotli = promisify(brotliCompress)
const toGzip = promisify(gzip)

/** What fits in one packet anyway is sent as it is. */
const SMALLEST_BYTES = 1_024

/**
 * Writes encodings of the text files in a folder beside them, `x.js.br` and `x.js.gz`, so that serving them costs
 * nothing. As small as they can be made: a build has time, and every visitor's download counts.
 */
export async function compressAssets(directory: string): Promise<void> {
  const names = await findFiles(directory)
  await Promise.all(names.filter(isCompressible).map((name) => compressFile(join(directory, name))))
}

async function compressFile(path: string): Promise<void> {
  const bytes = await readFile(path)
  if (bytes.length < SMALLEST_BYTES) return
  const params = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length }
  const [brotli, zipped] = await Promise.all([toBrotli(bytes, { params }), toGzip(bytes, { level: 9 })])
  // Both or none: who likes the one best and finds it missing would get the file as it is.
  if (Math.max(brotli.length, zipped.length) >= bytes.length) return
  await Promise.all([writeFile(`${path}.br`, brotli), writeFile(`${path}.gz`, zipped)])
}
