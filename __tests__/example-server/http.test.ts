import request from 'supertest'
import { buildShop, copyShop, removeShop, startShop, STAMPS, type RunningShop } from './shop.js'

type Agent = ReturnType<typeof request.agent>

let folder: string
let shop: RunningShop
let buildOutput: string

beforeAll(async () => {
  folder = await copyShop()
  buildOutput = await buildShop(folder)
  shop = await startShop(folder, 'production')
}, 120_000)

afterAll(async () => {
  await shop?.stop()
  if (folder !== undefined) await removeShop(folder)
})

async function signIn(name: string, password: string): Promise<Agent> {
  const agent = request.agent(shop.url)
  await agent.post('/login').type('form').send({ name, password }).expect(303).expect('location', '/account')
  return agent
}

/** A stamp's price as its page shows it, in the document and in the data. */
async function shownPrices(id: number): Promise<(string | undefined)[]> {
  const [document, data] = await Promise.all([
    request(shop.url).get(`/products/${id}`),
    request(shop.url).get(`/_data/products/${id}.json`),
  ])
  const { stamp } = (data.body as { pageProps: { stamp: { price: number } } }).pageProps
  return [/data-testid="price">([^<]+)</.exec(document.text)?.[1], `€${(stamp.price / 100).toFixed(2)}`]
}

describe('the built shop, reading', () => {
  it('tells at the end of the build which pages there are and how they are served', () => {
    for (const route of ['/about', '/products/[id]', '/account', '/api/cart'])
      expect(buildOutput).toContain(route)
  })

  it('serves every page to a visitor who has not signed in', async () => {
    for (const path of ['/', '/about', '/products', '/products/42', '/cart', '/cart/plain', '/login']) {
      const { status, text, type } = await request(shop.url).get(path)
      expect([path, status, type]).toEqual([path, 200, 'text/html'])
      expect(text).toMatch(/<h1[^>]*>[^<]/)
      expect(text).toContain('lang="en"')
    }
  })

  it('answers every link on its pages', async () => {
    const pages = [
      '/',
      '/about',
      '/products?page=3',
      '/products?q=zzzz&country=Vell',
      '/products/42',
      '/login',
    ]
    const links = new Set<string>()
    for (const page of pages) {
      const { text } = await request(shop.url).get(page)
      for (const [, href] of text.matchAll(/<a [^>]*?href="(\/[^"]*)"/g))
        links.add(href!.replaceAll('&amp;', '&'))
    }
    expect(links.size).toBeGreaterThan(50)
    for (const link of links) {
      const { status } = await request(shop.url).get(link)
      expect([link, status]).toEqual([link, /^\/(account|admin)/.test(link) ? 303 : 200])
    }
  }, 30_000)

  it('has made the first hundred product pages with the build, and makes another when it is asked for', async () => {
    const [first, last] = await Promise.all([
      request(shop.url).get('/products/1'),
      request(shop.url).get('/products/100'),
    ])
    for (const { headers } of [first, last]) expect(headers['cache-status']).toMatch(/^pagepress; hit/)
    const miss = await request(shop.url).get('/products/1501')
    expect(miss.headers['cache-status']).toBe('pagepress; fwd=uri-miss; stored')
    const hit = await request(shop.url).get('/products/1501')
    expect(hit.headers['cache-status']).toMatch(/^pagepress; hit/)
    expect(hit.text).toBe(miss.text)
    expect(hit.headers['cache-control']).toMatch(/^s-maxage=\d+, stale-while-revalidate=\d+$/)
  })

  it('makes a page once for a thousand visitors who come at the same time, while the shop is cold for it', async () => {
    const answers = await Promise.all(
      Array.from({ length: 1000 }, () =>
        fetch(`${shop.url}/products/1777`).then(async (answer) => ({
          status: answer.status,
          how: answer.headers.get('cache-status') ?? '',
          text: await answer.text(),
        })),
      ),
    )
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]))
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1)
    const made = answers.filter(({ how }) => how.includes('uri-miss') && !how.includes('collapsed'))
    expect(made).toHaveLength(1)
  }, 30_000)

  it('shows the 404 page for numbers that are not in the catalogue, and for spellings that are no numbers', async () => {
    for (const id of [String(STAMPS + 1), '0', '042', '4e1', 'x']) {
      const { status, text } = await request(shop.url).get(`/products/${id}`)
      expect([id, status]).toEqual([id, 404])
      expect(text).toContain('Return to sender')
      await request(shop.url).get(`/_data/products/${id}.json`).expect(404, { notFound: true })
    }
  })

  it('leaves what is no page to the app, which shows people the 404 page and its navigation, and tells programs', async () => {
    for (const path of ['/nowhere', '/products/1/2']) {
      const { status, text, headers } = await request(shop.url).get(path).set('accept', 'text/html')
      expect([path, status]).toEqual([path, 404])
      expect(text).toContain('Not known at this address')
      expect(text).toContain('<nav')
      expect(headers['cache-control']).toContain('no-store')
    }
    await request(shop.url)
      .get('/api/nowhere')
      .expect(404)
      .expect('content-type', /text\/plain/)
  })

  it('sends nothing executable inline, and no cookie with what everybody sees alike', async () => {
    for (const path of ['/', '/about', '/products', '/products/7', '/cart']) {
      const { text, headers } = await request(shop.url).get(path)
      const inline = [...text.matchAll(/<script(?![^>]*\ssrc=)[^>]*>/g)].map(([tag]) => tag)
      expect(inline.filter((tag) => !tag.includes('type="application/json"'))).toEqual([])
      expect(text).not.toMatch(/<[^>]+\son[a-z]+=/i)
      expect(headers['set-cookie']).toBeUndefined()
    }
  })

  it('links the CSS of a page in its HTML', async () => {
    const { text } = await request(shop.url).get('/products/7')
    const sheets = [...text.matchAll(/<link [^>]*href="([^"]+\.css)"/g)].map(([, href]) => href!)
    expect(sheets.length).toBeGreaterThan(0)
    for (const sheet of sheets)
      await request(shop.url)
        .get(sheet)
        .expect(200)
        .expect('cache-control', /immutable/)
    await request(shop.url)
      .get('/stamp.svg')
      .expect(200)
      .expect('content-type', /image\/svg/)
  })
})

describe('the built shop, behind its guards', () => {
  it('asks strangers to sign in, for the page and for its data', async () => {
    for (const [path, next] of [
      ['/account', '/account'],
      ['/admin', '/admin'],
    ] as const)
      for (const url of [path, `/_data${path}.json`]) {
        const answer = await request(shop.url).get(url).redirects(0)
        expect([url, answer.status]).toEqual([url, 303])
        expect(answer.headers['location']).toContain(`/login?next=${encodeURIComponent(next)}`)
        expect(answer.text).not.toContain('pageProps')
      }
    await request(shop.url).get('/receipts/1.txt').expect(303)
  })

  it('shows the signed-in user their own orders, on the page, in its data and in the old receipts', async () => {
    const ada = await signIn('ada', 'lovelace')
    const { text, headers } = await ada.get('/account').expect(200)
    expect(text).toContain('Good to see you')
    expect(headers['cache-control']).toBe('private, no-cache, no-store, max-age=0, must-revalidate')
    const { body } = await ada.get('/_data/account.json').expect(200)
    const { name, orders } = (body as { pageProps: { name: string; orders: { id: number }[] } }).pageProps
    expect([name, orders.length]).toEqual(['ada', 2])
    const receipt = await ada
      .get('/receipts/1.txt')
      .expect(200)
      .expect('content-type', /text\/plain/)
    expect(receipt.text).toContain('NOWHERE POST')
    const admin = await signIn('admin', 'postmaster')
    await admin.get('/receipts/1.txt').expect(404)
  })

  it('keeps the back room from those who are not the postmaster', async () => {
    const ada = await signIn('ada', 'lovelace')
    for (const url of ['/admin', '/_data/admin.json']) await ada.get(url).redirects(0).expect(303)
    const [before] = await shownPrices(3)
    await ada.post('/api/admin/price').type('form').send({ id: 3, price: '0.01' }).expect(303)
    expect(await shownPrices(3)).toEqual([before, before])
  })

  it('says what was wrong with a sign-in, and never leads to another site', async () => {
    const wrong = await request(shop.url)
      .post('/login')
      .type('form')
      .send({ name: 'ada', password: 'x', next: '/cart' })
    expect(wrong.headers['location']).toBe('/login?error=wrong&next=%2Fcart')
    const { text } = await request(shop.url).get(wrong.headers['location']!).expect(200)
    expect(text).toContain('do not belong together')
    for (const next of ['//evil.example', '/\\evil.example', 'https://evil.example', '/\t/evil.example'])
      await request(shop.url)
        .post('/login')
        .type('form')
        .send({ name: 'ada', password: 'lovelace', next })
        .expect('location', '/account')
  })
})

describe('the built shop, buying', () => {
  it('keeps a cart for each visitor, by JSON', async () => {
    const visitor = request.agent(shop.url)
    await visitor.get('/api/cart').expect(200, { lines: [], count: 0, total: 0 })
    await visitor.post('/api/cart').send({ id: 42, quantity: 2 }).expect(200)
    await visitor.post('/api/cart').send({ id: 7 }).expect(200)
    const { body } = await visitor.patch('/api/cart').send({ id: 42, quantity: 5 }).expect(200)
    expect(body).toMatchObject({
      count: 6,
      lines: [
        { id: 42, quantity: 5 },
        { id: 7, quantity: 1 },
      ],
    })
    await visitor.delete('/api/cart').send({ id: 42 }).expect(200)
    expect((await visitor.get('/api/cart')).body).toMatchObject({ count: 1, lines: [{ id: 7 }] })
    await request(shop.url).get('/api/cart').expect(200, { lines: [], count: 0, total: 0 })
  })

  it('refuses what makes no sense', async () => {
    const visitor = request.agent(shop.url)
    for (const wish of [
      {},
      { id: 999_999 },
      { id: 42, quantity: 0 },
      { id: 42, quantity: 1.5 },
      { id: 42, quantity: 100 },
    ])
      await visitor.post('/api/cart').send(wish).expect(400)
    await visitor.put('/api/cart').send({ id: 42 }).expect(405).expect('allow', /PATCH/)
    await visitor.post('/api/cart').type('json').send('{"id":').expect(400)
  })

  it('takes plain forms, and turns the cart into an order', async () => {
    const ada = await signIn('ada', 'lovelace')
    await ada
      .post('/api/cart')
      .type('form')
      .send({ id: 11, quantity: 3 })
      .expect(303)
      .expect('location', '/cart/plain')
    expect((await ada.get('/cart/plain')).text).toContain('value="3"')
    await ada.post('/api/cart').type('form').send({ id: 11, quantity: 2, set: 'yes' }).expect(303)
    const { headers } = await ada.post('/checkout').expect(303)
    expect(headers['location']).toMatch(/^\/account\?ordered=\d+$/)
    expect((await ada.get(headers['location']!)).text).toContain('is written down')
    expect((await ada.get('/api/cart')).body).toMatchObject({ count: 0 })
  })

  it('shows a changed price at once, in the document and in the data, to everybody', async () => {
    const admin = await signIn('admin', 'postmaster')
    for (const id of [17, 1234]) {
      await shownPrices(id)
      const back = await admin
        .post('/api/admin/price')
        .type('form')
        .send({ id, price: '123,45', q: String(id) })
      expect(back.headers['location']).toBe(`/admin?q=${id}&changed=${id}`)
      expect(await shownPrices(id)).toEqual(['€123.45', '€123.45'])
      expect((await admin.get(back.headers['location']!)).text).toContain('now costs')
    }
    const { headers } = await admin.post('/api/admin/price').type('form').send({ id: 17, price: 'free' })
    expect(headers['location']).toContain('error=price')
  })
})
