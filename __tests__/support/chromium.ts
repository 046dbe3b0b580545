import { chromium, type Browser } from 'playwright-core'
import { findChromium } from './unpack-chromium.js'

/** A real browser: the one `CHROME_PATH` names, one found on this machine, or the one that came with the dependencies. */
export async function launchChromium(): Promise<Browser> {
  return chromium.launch({
    executablePath: await findChromium(),
    args: ['--no-sandbox', '--headless', '--hide-scrollbars'],
  })
}
