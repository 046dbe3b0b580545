import type { ReactElement } from 'react'
import { STYLE_GUARD } from '../protocol/sheet-marks.js'

const mark = { [STYLE_GUARD]: '' }

/** Hides the page until its styles are there, which the first script of development tells. */
export function StyleGuard({ nonce }: { nonce?: string | undefined }): ReactElement {
  return (
    <>
      <style nonce={nonce} {...mark} dangerouslySetInnerHTML={{ __html: 'body{display:none}' }} />
      <noscript {...mark}>
        <style nonce={nonce} dangerouslySetInnerHTML={{ __html: 'body{display:block}' }} />
      </noscript>
    </>
  )
}
