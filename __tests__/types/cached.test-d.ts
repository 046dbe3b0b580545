// Checked by `npm run typecheck`; nothing runs. A line below `@ts-expect-error` must be an error.
import { cached, cacheLife, cacheTag, type CachedOptions, type PagesHandler } from 'pagepress'

interface Product {
  readonly id: string
  readonly price: number
}

export const findProduct = cached(
  async (id: string, currency: 'EUR' | 'USD' = 'EUR'): Promise<Product> => {
    cacheTag('products', `product:${id}`)
    cacheLife({ revalidate: 60 })
    return { id, price: currency.length }
  },
  { key: 'product', tags: (id) => [id.toUpperCase()], revalidate: false },
)

/** A function that needs no promise gets one. */
export const readSync = cached(() => 1, { key: 'one' })

export async function use(site: PagesHandler): Promise<void> {
  const product: Product = await findProduct('a')
  await findProduct('a', 'USD')
  const one: number = await readSync()
  const ran: number = await site.run(() => readSync())
  const plain: string = await site.run(() => 'now')
  // @ts-expect-error not the function's argument
  await findProduct(1)
  // @ts-expect-error one argument is missing
  await findProduct()
  // @ts-expect-error the result is a promise
  const { price } = findProduct('a')
  void [product, one, ran, plain, price]
}

// @ts-expect-error the function needs a name
cached(() => 1, {})
// @ts-expect-error no such option
cached(() => 1, { key: 'a', ttl: 1 })
// @ts-expect-error tags are strings
cached((id: number) => id, { key: 'a', tags: (id) => [id] })
// @ts-expect-error there are no named profiles
cacheLife('hours')

export const options: CachedOptions<[string]> = { key: 'a', tags: ['b'], expire: 100 }
