import { existsSync } from 'node:fs'
import sparticuz from '@sparticuz/chromium'
import { chromium, type Browser } from 'playwright-core'

const INSTALLED = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']

/** A real browser: the one `CHROME_PATH` names, one found on this machine, or the one that came with the dependencies. */
export async function launchChromium(): Promise<Browser> {
  const found = [process.env['CHROME_PATH'], ...INSTALLED].find((path) => path && existsSync(path))
  return chromium.launch({
    executablePath: found ?? (await sparticuz.executablePath()),
    args: ['--no-sandbox', '--headless', '--hide-scrollbars'],
  })
}
