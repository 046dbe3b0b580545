import { useConformanceSite } from '../support/conformance-site.js'
import { createControls } from '../support/controls.js'
import { readPayload, readRoot } from '../support/page-data.js'

const OWN_404 = { fallthrough: false }
const site = useConformanceSite('draft-mode', { options: OWN_404 })
const { advance } = createControls(site)

const DYN = 'private, no-cache, no-store, max-age=0, must-revalidate'
const DRAFT = '__pagepress_draft'
const PREVIEW = '__pagepress_preview'
const EVERYWHERE = 'HttpOnly; Secure; SameSite=None'
const IN_DRAFT = { preview: true, draftMode: true, previewData: {} }
const IN_PREVIEW = { preview: true, draftMode: true, previewData: { user: 'ann' } }
const OUTSIDE = { preview: null, draftMode: null, previewData: null }

const expired = (name: string, path = '/') =>
  `${name}=; Path=${path}; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT; ${EVERYWHERE}`
const CLEARED = [expired(DRAFT), expired(PREVIEW)]

const get = (path: string, cookie?: string) =>
  site.get(path).set(cookie === undefined ? {} : { Cookie: cookie })
const propsOf = (html: string) => readPayload(html).props.pageProps
const setBy = (answer: { get(name: 'Set-Cookie'): string[] | undefined }) => answer.get('Set-Cookie') ?? []
const toCookie = (set: readonly string[]) => set.map((one) => one.slice(0, one.indexOf(';'))).join('; ')
const preview = (...body: unknown[]) => site.post('/api/preview').send(body).expect(200)
const begin = async () => toCookie(setBy(await preview({ user: 'ann' })))
const beginDraft = async () => toCookie(setBy(await site.get('/api/draft').expect(200)))

describe('the cookies of draft and preview mode', () => {
  const token = '[\\w.-]{40,}'

  it('are two with setPreviewData, signed and encrypted, for the session and the whole site [14.01][14.02]', async () => {
    const set = setBy(await preview({ secret: 'of the editor' }))

    expect(set).toEqual(
      [DRAFT, PREVIEW].map((name) =>
        expect.stringMatching(new RegExp(`^${name}=${token}; Path=/; ${EVERYWHERE}$`)),
      ),
    )
    for (const part of set[1]!.split(/[=;]/)[1]!.split('.'))
      expect(Buffer.from(part, 'base64url').toString('latin1')).not.toContain('editor')
  })

  it('live as long, and stand for what, they are told [14.02]', async () => {
    for (const [options, attributes] of [
      [{ maxAge: 60 }, 'Path=/; Max-Age=60;'],
      [{ path: '/a' }, 'Path=/a; HttpOnly'],
      [{ path: '/a', maxAge: 60 }, 'Path=/a; Max-Age=60;'],
    ] as const) {
      const set = setBy(await preview({}, options))
      expect(set).toHaveLength(2)
      for (const cookie of set) expect(cookie).toContain(`; ${attributes}`)
    }
  })

  it('hold 2 kB of data, and leave those of others alone [14.03]', async () => {
    const both = await site
      .post('/api/preview?theirs=1')
      .send([{ text: 'x'.repeat(1000) }])
      .expect(200)
    expect(setBy(both).map((cookie) => cookie.split('=')[0])).toEqual(['theirs', DRAFT, PREVIEW])

    await site
      .post('/api/preview')
      .send([{ text: 'x'.repeat(2000) }])
      .expect(500)
    expect(site.takeErrors()).toEqual([expect.stringMatching(/Preview data is limited to 2KB/)])
  })

  it('are one with setDraftMode, which takes it back, too [14.04]', async () => {
    const set = setBy(await site.get('/api/draft').expect(200))
    expect(set).toEqual([expect.stringMatching(new RegExp(`^${DRAFT}=${token}; Path=/; ${EVERYWHERE}$`))])
    expect(setBy(await site.get('/api/draft?off=1').expect(200))).toEqual([expired(DRAFT)])
  })

  it('are taken back by clearPreviewData, on the path that it is told [14.05]', async () => {
    expect(setBy(await site.get('/api/clear').expect(200))).toEqual(CLEARED)
    expect(setBy(await site.get('/api/clear?path=/a').expect(200))).toEqual([
      expired(DRAFT, '/a'),
      expired(PREVIEW, '/a'),
    ])
  })
})

describe('a visitor in preview', () => {
  it('has static pages made for them, which are told so, and so is the page [14.06]', async () => {
    const cookie = await begin()
    const seen = new Set<unknown>()
    for (let visit = 0; visit < 2; visit++) {
      const { text } = await get('/static', cookie).expect(200)
      expect(readPayload(text)).toMatchObject({ isPreview: true, props: { pageProps: IN_PREVIEW } })
      expect(readRoot(text)).toBe('<p>[true,false]</p>')
      const { body } = await get('/_data/static.json', cookie).expect(200)
      expect(body).toMatchObject({ isPreview: true, pageProps: IN_PREVIEW })
      seen.add(propsOf(text)['random']).add((body as { pageProps: { random: number } }).pageProps.random)
    }
    expect(seen.size).toBe(4)
    expect(site.calls('static')).toEqual(Array(4).fill(expect.objectContaining(IN_PREVIEW)))
  })

  it('gets what nobody keeps, and others get what was kept before [14.07]', async () => {
    const cookie = await begin()
    const before = await get('/static').expect(200)
    for (const path of ['/static', '/_data/static.json', '/server'])
      await get(path, cookie)
        .expect(200)
        .expect('Cache-Control', DYN)
        .expect('Cache-Status', /bypass/)

    const after = await get('/static').expect(200).expect('Cache-Status', 'pagepress; hit')
    expect(after.text).toBe(before.text)
    expect(propsOf(after.text)).toMatchObject(OUTSIDE)
    expect(readPayload(after.text)).not.toHaveProperty('isPreview')
    expect(readRoot(after.text)).toBe('<p>[false,false]</p>')
    expect(site.calls('static')).toHaveLength(2)
  })

  it('is known to getServerSideProps and API routes; a page without data is the same for all [14.08]', async () => {
    const cookie = await begin()
    expect(readPayload((await get('/server', cookie)).text)).toMatchObject({
      isPreview: true,
      props: { pageProps: IN_PREVIEW },
    })
    await get('/api/told', cookie).expect(200, IN_PREVIEW)
    expect(propsOf((await get('/server')).text)).toMatchObject(OUTSIDE)
    await get('/api/told').expect(200, {})

    const plain = await get('/plain')
    const inPreview = await get('/plain', cookie).expect('Cache-Status', 'pagepress; hit')
    expect(inPreview.text).toBe(plain.text)
  })

  it('has an empty object for data in draft mode alone [14.09]', async () => {
    const { text } = await get('/static', await beginDraft()).expect(200)

    expect(propsOf(text)).toMatchObject(IN_DRAFT)
    expect(site.calls('static')).toEqual([expect.objectContaining(IN_DRAFT)])
  })

  it('gets pages that are not listed, and never a shell [14.10]', async () => {
    const cookie = await beginDraft()
    await get('/listed/b').expect(404)
    const { text } = await get('/listed/b', cookie).expect(200)
    expect(propsOf(text)).toMatchObject({ ...IN_DRAFT, params: { slug: 'b' } })
    await get('/listed/b').expect(404)
    expect(site.calls('listed')).toHaveLength(1)

    expect(readPayload((await get('/shell/a')).text).isFallback).toBe(true)
    const filled = readPayload((await get('/shell/a', cookie)).text)
    expect([filled.isFallback, filled.props.pageProps['params']]).toEqual([false, { slug: 'a' }])
    expect(readPayload((await get('/shell/a')).text).isFallback).toBe(true)
  })

  it('revalidates for everybody, not for themselves [14.15]', async () => {
    const cookie = await begin()
    await get('/api/revalidate', cookie).expect(200)

    expect(site.calls('static')).toEqual([{ ...OUTSIDE, revalidateReason: 'on-demand' }])
    expect(propsOf((await get('/static')).text)).toMatchObject(OUTSIDE)
  })
})

describe('cookies that open nothing', () => {
  const flip = (text: string, at: number) =>
    text.slice(0, at) + (text[at] === 'A' ? 'B' : 'A') + text.slice(at + 1)

  it('lead to the page as it is, and are taken back [14.11][14.12][14.16]', async () => {
    const normal = (await get('/static')).text
    const [draft, data] = (await begin()).split('; ') as [string, string]
    const other = await beginDraft()
    const short = toCookie(setBy(await preview({ user: 'ann' }, { maxAge: 60 })))
    expect(propsOf((await get('/static', short)).text)).toMatchObject(IN_PREVIEW)
    await advance(60_000)

    const table: Record<string, string> = {
      nonsense: `${DRAFT}=x; ${PREVIEW}=y`,
      'data without a draft': data,
      'a draft with data that is none': `${draft}; ${PREVIEW}=%%%`,
      'data as a draft': `${DRAFT}=${data.slice(PREVIEW.length + 1)}`,
      'a draft as data': `${draft}; ${PREVIEW}=${draft.slice(DRAFT.length + 1)}`,
      'two drafts': `${draft}; ${other}`,
      expired: short,
      'cut off': `${draft}; ${data.slice(0, -1)}`,
    }
    for (const at of [0, 1, 20, 39]) {
      table[`draft, changed at ${at}`] = flip(draft, DRAFT.length + 1 + at)
      table[`data, changed at ${at}`] = `${draft}; ${flip(data, PREVIEW.length + 1 + at)}`
    }
    for (const [what, cookie] of Object.entries(table)) {
      const answer = await get('/static', cookie)
      expect([what, answer.status, answer.text, setBy(answer)]).toEqual([what, 200, normal, CLEARED])
      expect(answer.headers['cache-control']).toBe(DYN)
    }
    expect(propsOf((await get('/static', `${draft}; ${data}`)).text)).toMatchObject(IN_PREVIEW)
  })
})

it('preview below a mount is for the whole host all the same [14.17]', async () => {
  await site.restart({ mount: '/docs', options: OWN_404 })

  const set = setBy(await preview({ user: 'ann' }))
  expect(set).toHaveLength(2)
  for (const cookie of set) expect(cookie).toContain('; Path=/; ')
  expect(propsOf((await get('/static', toCookie(set))).text)).toMatchObject(IN_PREVIEW)
})
