/**
 * How long a load lasts: a few seconds here, and as long as it is meant to be with `FULL_LENGTH=1`, which
 * `node bench/full-length.js` sets.
 */
export function lengthOf(short: number, full: number): number {
  return process.env['FULL_LENGTH'] === '1' ? full : short
}
