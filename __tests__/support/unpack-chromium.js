// @ts-check
// Jest's `globalSetup`: unpacks the browser of the tests once, before test files run side by side. Two that unpack it at
// the same time would find each other's half of a file.
import { existsSync } from 'node:fs'
import sparticuz from '@sparticuz/chromium'

const INSTALLED = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']

/** The browser that `CHROME_PATH` names, one found on this machine, or the one that came with the dependencies. */
export async function findChromium() {
  const found = [process.env['CHROME_PATH'], ...INSTALLED].find((path) => path && existsSync(path))
  return found ?? (await sparticuz.executablePath())
}

export default async function unpackChromium() {
  await findChromium()
}
