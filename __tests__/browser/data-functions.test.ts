import { useBrowserSite } from '../support/visits.js'

const { at, url } = useBrowserSite()

// What the fixture has kept since another run must not be found.
const run = Date.now()

const isTransport = (request: string) => /^(fetch|document)/.test(request)
const isMissing = (problem: string) => /status of (404|500)/.test(problem)

describe('a server page', () => {
  it('is produced anew for every navigation, to the same URL too, but not when it comes to life [2.26]', async () => {
    const html = async () => (await (await fetch(`${url()}/server?x=1`)).text()).match(/"run":(\d+)/)?.[1]
    expect(await html()).not.toBe(await html())

    const { page, push, requests } = await at('/server?x=1')
    expect(requests().filter(isTransport)).toEqual(['document /server?x=1'])
    const first = await page.textContent('#run')
    for (let round = 0; round < 2; round++) {
      await push('/server?x=1')
      expect(requests().filter(isTransport)).toEqual(['fetch /_data/server.json?x=1'])
    }
    expect(Number(await page.textContent('#run'))).toBe(Number(first) + 2)
  })

  it('is asked for once by two quick clicks, and again by the next [2.27]', async () => {
    const { page, requests, heading } = await at('/about')
    requests()
    await page.route('**/_data/server.json*', async (route) => {
      await new Promise((resolve) => setTimeout(resolve, 150))
      await route.continue()
    })

    await page.evaluate(() => {
      const link = document.querySelector<HTMLElement>('#to-server')!
      link.click()
      setTimeout(() => link.click(), 30)
    })
    await heading('server')
    expect(requests().filter(isTransport)).toEqual(['fetch /_data/server.json?x=1'])

    await page.click('#to-server')
    await page.waitForResponse(/_data\/server/)
    expect(requests().filter(isTransport)).toEqual(['fetch /_data/server.json?x=1'])
  })
})

describe('a static page', () => {
  it('knows nothing of a search until it has come to life, which asks for no data [3.06]', async () => {
    const html = await (await fetch(`${url()}/something?hello=world`)).text()
    expect(html).toContain('[&quot;/something&quot;,{},&quot;/something&quot;,false]')

    const { requests, log, router } = await at('/something?hello=world')
    expect(requests().filter(isTransport)).toEqual(['document /something?hello=world'])
    expect((await log()).filter((entry) => entry.startsWith('render something'))).toEqual([
      'render something {} /something',
      'render something {"hello":"world"} /something?hello=world',
    ])
    expect(await router()).toEqual(['/something', { hello: 'world' }, '/something?hello=world', false])
  })
})

describe('a page with fallback: false', () => {
  it('is reached by a navigation to a listed path, inside of a layout of its own [3.31][4.23]', async () => {
    const { push, heading, requests, page } = await at('/about')
    requests()

    for (const id of ['one', 'two']) {
      await push(`/framed/${id}`)
      await heading(`framed ${id}`)
      expect(await page.textContent('#frame > h1')).toBe(`framed ${id}`)
    }
    expect(requests().filter(isTransport)).toEqual([
      'fetch /_data/framed/one.json',
      'fetch /_data/framed/two.json',
    ])
    await push('/about')
    await heading('about')
    expect(await page.locator('#frame').count()).toBe(0)
  })
})

describe('a page with fallback: true', () => {
  it('fills its shell with the data of its path, without an event [4.26]', async () => {
    const { heading, requests, log, router, page } = await at(`/shell/fill-${run}`)
    await heading(`shell fill-${run}`)
    expect(requests().filter(isTransport)).toEqual([
      `document /shell/fill-${run}`,
      `fetch /_data/shell/fill-${run}.json`,
    ])
    expect(await router()).toEqual(['/shell/[id]', { id: `fill-${run}` }, `/shell/fill-${run}`, false])
    expect((await log()).filter((entry) => /Change/.test(entry))).toEqual([])
    expect(await page.evaluate(() => (window as any).router.isReady as boolean)).toBe(true)
  })

  it('never shows its shell to a visitor who comes from another page [4.29]', async () => {
    const { page, push, heading } = await at('/about')
    await page.route('**/_data/shell/*', async (route) => {
      await new Promise((resolve) => setTimeout(resolve, 200))
      await route.continue()
    })
    await page.evaluate(() => {
      const shown = ((window as any).shown = [] as string[])
      new MutationObserver(() => shown.push(document.querySelector('h1')?.textContent ?? '')).observe(
        document.body,
        { childList: true, subtree: true, characterData: true },
      )
    })

    await push('/shell/unlisted')
    await heading('shell unlisted')

    const shown = await page.evaluate(() => (window as any).shown as string[])
    expect(shown.filter((text) => text !== 'about' && text !== 'shell unlisted')).toEqual([])
  })

  it('becomes the 404 page in place, and is one from then on [4.30]', async () => {
    const first = await fetch(`${url()}/shell/missing-${run}`)
    expect([first.status, (await first.text()).includes('"isFallback":true')]).toEqual([200, true])

    const { heading, requests, problems } = await at(`/shell/missing-${run}`)
    await heading('404')
    expect(requests().filter(isTransport)).toEqual([
      `document /shell/missing-${run}`,
      `fetch /_data/shell/missing-${run}.json`,
    ])
    expect(problems.splice(0).every(isMissing)).toBe(true)
    const data = await fetch(`${url()}/_data/shell/missing-${run}.json`)
    expect([data.status, await data.text()]).toEqual([404, '{"notFound":true}'])
    expect((await fetch(`${url()}/shell/missing-${run}`)).status).toBe(404)
  })

  it('goes where its data redirects: in place inside the site, by the browser outside [2.36]', async () => {
    const inside = await at(`/shell/moved-${run}`)
    await inside.heading('about')
    expect(new URL(inside.page.url()).pathname).toBe('/about')
    expect(inside.requests().filter((one) => one.startsWith('document'))).toEqual([
      `document /shell/moved-${run}`,
    ])
    // Replaced: there is nothing to go back to.
    expect(await inside.page.evaluate(() => history.length)).toBe(2)

    const outside = await at('/about')
    await outside.context.route('https://away.example/**', (route) =>
      route.fulfill({ contentType: 'text/html', body: '<h1>away</h1>' }),
    )
    await outside.page.goto(`${url()}/shell/away-${run}`)
    await outside.heading('away')
    expect(outside.page.url()).toBe('https://away.example/x')
  })

  it('that fails ends in the error page after one more document [4.32]', async () => {
    const { heading, requests, problems, page } = await at('/shell/broken')
    await heading('500')
    await page.waitForTimeout(300)
    expect(requests().filter((one) => one.startsWith('document'))).toEqual([
      'document /shell/broken',
      'document /shell/broken',
    ])
    expect(problems.splice(0).every(isMissing)).toBe(true)
  }, 40_000)
})

describe('draft mode', () => {
  it('asks for data whenever it is needed, and neither keeps nor prefetches it [14.14]', async () => {
    const { page, push, requests, heading } = await at('/about')
    const draftOf = () => page.textContent('#draft')
    const enable = (query = '') =>
      page.evaluate((path) => fetch(path).then(() => undefined), `/api/draft${query}`)
    await enable()
    requests()

    // The data itself tells of draft mode.
    await push('/something')
    expect([await draftOf(), requests().filter(isTransport)]).toEqual([
      '[true,true]',
      ['fetch /_data/something.json'],
    ])
    await page.reload()
    await page.waitForSelector('[id$="-route-announcer__"]', { state: 'attached' })
    expect(await draftOf()).toBe('[true,true]')
    const first = Number(await page.textContent('#calls'))
    requests()

    await page.evaluate(() => (window as any).router.prefetch('/post/draft') as Promise<void>)
    expect(requests().filter(isTransport)).toEqual([])
    await push('/about')
    await page.goBack()
    await heading('something')
    expect(requests().filter(isTransport)).toEqual(['fetch /_data/something.json'])
    expect(Number(await page.textContent('#calls'))).toBe(first + 1)

    await enable('?off')
    await push('/about')
    await push('/something')
    expect(await draftOf()).toBe('[false,false]')
  })
})
