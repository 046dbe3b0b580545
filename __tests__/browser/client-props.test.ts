import type { Visit } from '../support/browser-site.js'
import { useBrowserSite } from '../support/visits.js'

const { at } = useBrowserSite()

const isData = (request: string) => request.includes('_data')
const isTransport = (request: string) => /^(fetch|document)/.test(request)
const isMissing = (problem: string) => /status of (404|500)/.test(problem)

/** A visitor on another page, to whom `getClientProps` of `/own/[id]` will give what this code returns. */
async function about(code: string): Promise<Visit> {
  const opened = await at('/about')
  await opened.page.evaluate(`window.clientProps = async (context) => { ${code} }; undefined`)
  await opened.log()
  opened.requests()
  return opened
}

const own = async ({ log }: Visit) => (await log()).filter((entry) => entry.startsWith('own'))

describe('`getClientProps`', () => {
  it('gives the page its props in place of the server, from the second page on', async () => {
    const first = await at('/own/a')
    await first.heading('own from the server')
    expect(await own(first)).toEqual([])

    const visit = await about("return { props: { from: 'the browser', at: new Date(5) } }")
    expect(await visit.push('/own/a?q=1')).toBe(true)
    await visit.heading('own from the browser')
    expect(await visit.page.textContent('#at')).toBe('5')
    expect(await own(visit)).toEqual(['own [{"id":"a"},{"q":"1","id":"a"},"/own/[id]","/own/a?q=1"]'])
    expect(visit.requests().filter(isData)).toEqual([])
  })

  it('does not fill the shell of a first visit either', async () => {
    const id = `one-${Date.now()}`
    const { push, requests, heading } = await at(`/own/shell/${id}`)
    await heading(`${id} by the server`)
    expect(requests().filter(isData)).toEqual([`fetch /_data/own/shell/${id}.json`])
    await push('/own/shell/two')
    await heading('two by the browser')
    expect(requests().filter(isData)).toEqual([])
  })

  it('is in the code of its page, and what the server has is not', async () => {
    const { page } = await about('')
    const script = page.waitForResponse(/_assets\/.*\.js$/)
    await page.evaluate(() => (window as any).router.prefetch('/own/a') as Promise<void>)
    const code = await (await script).text()
    expect(code).toContain('own ${')
    expect(code).not.toContain('the server')
  })

  it('may ask the server, once, as any navigation does', async () => {
    const visit = await about(`
      const [one, two] = await Promise.all([context.serverProps(), context.serverProps()])
      return { props: { run: one.run === two.run ? one.run : -1, from: one.from + ' by way of the browser' } }`)
    await visit.push('/own/a?q=1')
    await visit.heading('own from the server by way of the browser')
    expect(Number(await visit.page.textContent('#run'))).toBeGreaterThan(0)
    expect(visit.requests().filter(isData)).toEqual(['fetch /_data/own/a.json?q=1'])
  })

  it.each([
    ['waits for it', 'return { props: await context.serverProps() }'],
    ['catches what it throws', 'try { await context.serverProps() } catch {} return { props: {} }'],
    ['waits for ever', 'await context.serverProps().catch(() => new Promise(() => {}))'],
    ['does not wait', 'context.serverProps(); return new Promise(() => {})'],
  ])('that %s goes where the server sends it, and has the 404 page', async (_, code) => {
    const visit = await about(code)
    expect(await visit.push('/own/a?to=/any/moved')).toBe(true)
    await visit.heading('any moved')
    expect(new URL(visit.page.url()).pathname).toBe('/any/moved')
    await visit.push('/own/a?missing=1')
    await visit.heading('404')
    expect(visit.requests().filter((one) => one.startsWith('document'))).toEqual([])
    expect(visit.problems.splice(0).every(isMissing)).toBe(true)
  })

  it('leaves the page to the server where its data cannot be had, unless it knows better', async () => {
    const visit = await about(`
      if (context.query.known)
        return { props: await context.serverProps().catch(() => ({ from: 'memory' })) }
      return { props: await context.serverProps() }`)
    await visit.push('/own/a?fail=1&known=1')
    await visit.heading('own from memory')
    visit.requests()
    void visit.push('/own/a?fail=1').catch(() => {})
    await visit.heading('500')
    expect(visit.requests().filter(isTransport).slice(0, 2)).toEqual([
      'fetch /_data/own/a.json?fail=1',
      'document /own/a?fail=1',
    ])
    expect(visit.problems.splice(0).every(isMissing)).toBe(true)
  })

  it('may redirect, inside and outside of the site, and say that nothing is there', async () => {
    const visit = await about(`
      const { to, outside } = context.query
      if (!to) return { notFound: true }
      return { redirect: { destination: to, permanent: false, ...(outside && { basePath: false }) } }`)
    await visit.push('/own/a?to=//any//moved')
    await visit.heading('any moved')
    await visit.push('/own/a')
    await visit.heading('404')
    expect((await visit.router())[2]).toBe('/own/a')
    void visit.push('/own/a?outside=1&to=/plain').catch(() => {})
    await visit.heading('plain')
    expect(new URL(visit.page.url()).pathname).toBe('/plain')
  })

  it.each([
    ['nothing', '', 'did not return an object, but undefined. Did you forget a `return`?'],
    ['other keys', 'return { props: {}, revalidate: 1 }', 'returned `revalidate`, which it may not'],
    ['no props', 'return { props: null }', 'returned props that are null, not a plain object.'],
    [
      'two answers',
      'return { notFound: true, redirect: {} }',
      'returned both `notFound` and `redirect`, which cannot be combined.',
    ],
    [
      'a wrong redirect',
      "return { redirect: { destination: 'javascript:x', statusCode: 200 } }",
      '`statusCode` must be one of 301, 302, 303, 307, 308; `destination` "javascript:x" must be',
    ],
  ])('that returns %s is an error with the name of the file, on the error page', async (_, code, message) => {
    const visit = await about(code)
    expect(await visit.push('/own/a')).toBe(false)
    await visit.heading('500')
    const [problem, ...others] = visit.problems.splice(0)
    expect(problem).toContain('`getClientProps` of `pages/own/[id].tsx` ')
    expect(problem).toContain(message)
    expect(others).toEqual([])
    expect(visit.requests().filter((one) => one.startsWith('document'))).toEqual([])
    expect((await visit.log()).filter((entry) => entry.includes('Error'))).toEqual([
      expect.stringContaining('routeChangeError /own/a `getClientProps` of'),
    ])
  })

  it('is told when the visitor goes elsewhere, and has no say then', async () => {
    const visit = await about(`
      context.signal.addEventListener('abort', () => (window.left = true))
      await new Promise((resolve) => context.signal.addEventListener('abort', resolve))
      await context.serverProps()`)
    const first = visit.push('/own/a')
    await visit.page.waitForFunction(() =>
      (window as any).log.some((entry: string) => entry.startsWith('own')),
    )
    expect(await visit.page.evaluate(() => (window as any).left as unknown)).toBeUndefined()
    await visit.push('/any/other')
    expect(await first).toBe(false)
    await visit.heading('any other')
    expect(await visit.page.evaluate(() => (window as any).left as unknown)).toBe(true)
    expect(visit.requests().filter(isTransport)).toEqual([])
  })

  it('runs for the same page and the same URL, and brings back up to date, whatever the props hold', async () => {
    const visit = await about(
      'window.runs = (window.runs ?? 0) + 1; return { props: { run: window.runs, at: new Date(window.runs) } }',
    )
    for (const path of ['/own/a', '/own/b', '/own/b']) await visit.push(path)
    expect(await visit.page.textContent('#run')).toBe('3')
    await visit.page.goBack()
    await visit.page.locator('#at', { hasText: /^4$/ }).waitFor()
    expect((await own(visit)).map((entry) => /"\/own\/\w"/.exec(entry)?.[0])).toEqual([
      '"/own/a"',
      '"/own/b"',
      '"/own/b"',
      '"/own/a"',
    ])
    expect(visit.requests().filter(isData)).toEqual([])
  })
})

describe('a static page with `getClientProps`', () => {
  it('has its code prefetched, and no data', async () => {
    const { page, push, requests, heading } = await at('/about')
    const prefetch = (path: string) =>
      page.evaluate((to) => (window as any).router.prefetch(to) as Promise<void>, path)
    const script = page.waitForResponse(/_assets\/static.*\.js$/)
    await prefetch('/own/static')
    await script
    const data = page.waitForResponse('**/_data/fixed.json')
    await prefetch('/fixed')
    await data
    expect(requests().filter(isData)).toEqual(['fetch /_data/fixed.json'])
    await push('/own/static')
    await heading('static 1 browser')
    expect(requests().filter(isTransport)).toEqual(['fetch /_data/own/static.json'])
  })
})
