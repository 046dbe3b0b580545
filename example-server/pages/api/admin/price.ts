import type { ApiRequest, ApiResponse } from 'pagepress'
import { changePrice } from '../../../data/catalogue.js'

const HIGHEST = 1_000_000

/** Changes a price and has the stamp's page made anew before it answers: whoever looks next sees the new price. */
export default async function price(req: ApiRequest, res: ApiResponse) {
  if (req.method !== 'POST') {
    res.status(405).setHeader('Allow', 'POST').send('Send a form.')
    return
  }

  const id = Number(req.body?.id)
  const cents = toCents(String(req.body?.price ?? ''))
  const back = new URLSearchParams({ q: String(req.body?.q ?? '') })
  if (cents === undefined || !(await changePrice(id, cents))) back.set('error', 'price')
  else {
    await res.revalidate(`/products/${id}`)
    back.set('changed', String(id))
  }
  res.redirect(303, `/admin?${back}`)
}

/** `4.70`, `4,70` or `4` as cents. */
function toCents(text: string) {
  const found = /^(\d{1,5})(?:[.,](\d{1,2}))?$/.exec(text.trim())
  if (found === null) return undefined
  const cents = Number(found[1]) * 100 + Number((found[2] ?? '').padEnd(2, '0'))
  return cents <= HIGHEST ? cents : undefined
}
