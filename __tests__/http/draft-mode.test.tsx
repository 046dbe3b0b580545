import request from 'supertest'
import type { ApiHandler } from 'pagepress'
import { useRouter } from 'pagepress/react'
import { createTestApp, type MemoryPages, type TestAppOptions } from 'pagepress/testing'
import type { CacheStore } from '../../lib/cache/store.js'
import { emptyStore } from '../../lib/cache/store.js'
import { createClock } from '../support/clock.js'
import { failOnConsole } from '../support/console.js'
import { readPayload, readRoot } from '../support/page-data.js'

failOnConsole()

const DYN = 'private, no-cache, no-store, max-age=0, must-revalidate'
const DRAFT = '__pagepress_draft'
const PREVIEW = '__pagepress_preview'

function Show(props: object) {
  const { isPreview, asPath } = useRouter()
  return <p>{JSON.stringify({ ...props, isPreview, asPath })}</p>
}

const api = (handler: ApiHandler) => ({ default: handler })

/** A site whose data functions give what they were told, and API routes that begin and end draft mode. */
function start(more: MemoryPages = {}, options: Partial<TestAppOptions> = {}) {
  const contexts: Record<string, unknown>[] = []
  const told = (context: Record<string, unknown>) => {
    const { req: _req, res: _res, signal: _signal, ...rest } = context
    contexts.push(rest)
    const { preview = null, draftMode = null, previewData = null } = rest
    return { props: { call: contexts.length, preview, draftMode, previewData } }
  }
  const clock = createClock()
  const test = createTestApp({
    pages: {
      '/p': { default: Show, getStaticProps: told },
      '/isr': { default: Show, getStaticProps: (context: never) => ({ ...told(context), revalidate: 10 }) },
      '/plain': { default: Show },
      '/server': { default: Show, getServerSideProps: told },
      '/listed/[slug]': {
        default: Show,
        getStaticPaths: () => ({ paths: ['/listed/a'], fallback: false }),
        getStaticProps: told,
      },
      '/shell/[slug]': {
        default: Show,
        getStaticPaths: () => ({ paths: [], fallback: true }),
        getStaticProps: told,
      },
      '/api/draft': api((req, res) => res.setDraftMode({ enable: req.query['off'] === undefined }).end()),
      '/api/preview': api((req, res) =>
        res
          .setPreviewData(req.body as object, {
            ...(req.query['maxAge'] !== undefined && { maxAge: Number(req.query['maxAge']) }),
            ...(req.query['path'] !== undefined && { path: String(req.query['path']) }),
          })
          .end(),
      ),
      '/api/clear': api((req, res) =>
        res.clearPreviewData(req.query['path'] ? { path: String(req.query['path']) } : undefined).end(),
      ),
      '/api/told': api(({ preview, draftMode, previewData }, res) =>
        res.json({ preview, draftMode, previewData }),
      ),
      ...more,
    },
    now: clock.now,
    ...options,
  })
  const get = (path: string, cookie?: string) =>
    request(test.app)
      .get(path)
      .set(cookie === undefined ? {} : { Cookie: cookie })
  return {
    ...test,
    clock,
    contexts,
    get,
    begin: (path: string, body?: object) => begin(test.app, path, body),
  }
}

const cookiesOf = (headers: Record<string, unknown>) => (headers['set-cookie'] ?? []) as string[]
const pairOf = (cookie: string) => cookie.slice(0, cookie.indexOf(';'))

/** Asks an API route, and returns the cookies that a browser would send from then on. */
async function begin(app: Parameters<typeof request>[0], path: string, body?: object): Promise<string> {
  const { headers } = await (body ? request(app).post(path).send(body) : request(app).get(path)).expect(200)
  return cookiesOf(headers).map(pairOf).join('; ')
}

const expired = (name: string, path = '/') =>
  `${name}=; Path=${path}; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT; HttpOnly; Secure; SameSite=None`
const cleared = [expired(DRAFT), expired(PREVIEW)]

describe('the cookies of draft and preview mode', () => {
  const setBy = async (path: string, { dev = false, body = {} as object } = {}) => {
    const { app } = start({}, { options: { dev } })
    return cookiesOf((await request(app).post(path).send(body).expect(200)).headers)
  }

  it('setPreviewData sets two, out of reach for scripts, for the whole site and the session [14.01][14.02]', async () => {
    const token = '[\\w.-]{40,}'
    for (const [dev, attributes] of [
      [false, 'HttpOnly; Secure; SameSite=None'],
      [true, 'HttpOnly; SameSite=Lax'],
    ] as const) {
      const set = await setBy('/api/preview', { dev, body: { secret: 'of the editor' } })
      expect(set).toEqual([
        expect.stringMatching(new RegExp(`^${DRAFT}=${token}; Path=/; ${attributes}$`)),
        expect.stringMatching(new RegExp(`^${PREVIEW}=${token}; Path=/; ${attributes}$`)),
      ])
      expect(Buffer.from(set[1]!, 'base64url').toString()).not.toContain('editor')
    }
  })

  it('live as long and stand for what is asked [14.02]', async () => {
    for (const cookie of await setBy('/api/preview?maxAge=60&path=/a')) {
      expect(cookie).toMatch(/; Path=\/a; Max-Age=60; /)
    }
  })

  it('hold 2 kB of data, and leave others alone [14.03]', async () => {
    const { app, errors } = start({
      '/api/both': api((req, res) => {
        res.cookie('theirs', '1')
        res.setPreviewData({ text: 'x'.repeat(Number(req.query['length'])) }).end()
      }),
    })

    const { headers } = await request(app).get('/api/both?length=1000').expect(200)
    expect(cookiesOf(headers).map((cookie) => cookie.split('=')[0])).toEqual(['theirs', DRAFT, PREVIEW])
    await request(app).get('/api/both?length=2000').expect(500)
    expect(String(errors[0])).toMatch(/Preview data is limited to 2KB/)
  })

  it('setDraftMode sets one, and takes it back [14.04]', async () => {
    const [cookie, ...more] = await setBy('/api/draft')
    expect(cookie).toMatch(new RegExp(`^${DRAFT}=[\\w.-]+; Path=/; HttpOnly; Secure; SameSite=None$`))
    expect(more).toEqual([])
    expect(await setBy('/api/draft?off')).toEqual([expired(DRAFT)])
  })

  it('clearPreviewData takes both back, of the same path [14.05]', async () => {
    expect(await setBy('/api/clear')).toEqual(cleared)
    expect(await setBy('/api/clear?path=/a')).toEqual([expired(DRAFT, '/a'), expired(PREVIEW, '/a')])
  })

  it('stand for the whole host below a mount, too [14.17]', async () => {
    const { app } = start({}, { mount: '/docs' })

    for (const cookie of cookiesOf((await request(app).post('/docs/api/preview').send({})).headers))
      expect(cookie).toContain('; Path=/; ')
  })

  it.each([
    ['setDraftMode', [{}], /setDraftMode\(\) was given `enable: undefined`/],
    ['setDraftMode', [], /setDraftMode/],
    ['setPreviewData', [{}, { maxAge: 0 }], /`maxAge` of preview mode is 0/],
    ['setPreviewData', [{}, { path: 'a' }], /`path` of preview mode is "a"/],
    ['setPreviewData', [{}, { path: '/a; Domain=evil' }], /`path`/],
    ['clearPreviewData', [{ path: '/\n' }], /`path`/],
  ])('refuses %s%j', async (method, args, message) => {
    const { app, errors } = start({
      '/api/x': api((_req, res) => {
        ;(res as unknown as Record<string, (...args: unknown[]) => void>)[method]!(...args)
      }),
    })

    const { headers } = await request(app).get('/api/x').expect(500)
    expect(String(errors[0])).toMatch(message)
    expect(errors[0]).toMatchObject({ code: 'PAGES_DRAFT' })
    expect(cookiesOf(headers).filter((cookie) => cookie.includes('evil'))).toEqual([])
  })
})

describe('a visitor in preview', () => {
  it('sees static pages as they are produced now, and is told so [14.06]', async () => {
    const { get, begin, contexts } = start()
    const cookie = await begin('/api/preview', { user: 'me' })
    const fields = { preview: true, draftMode: true, previewData: { user: 'me' } }

    const { text } = await get('/p', cookie).expect(200)
    const payload = readPayload(text)
    expect(payload).toMatchObject({ isPreview: true, gsp: true, page: '/p' })
    expect(payload.props.pageProps).toEqual({ call: 1, ...fields })
    expect(readRoot(text)).toContain('&quot;isPreview&quot;:true')
    expect((await get('/_data/p.json', cookie)).body).toEqual({
      isPreview: true,
      pageProps: { call: 2, ...fields },
    })
    expect(readPayload((await get('/p', cookie)).text).props.pageProps['call']).toBe(3)
    expect(contexts[0]).toEqual({ revalidateReason: 'stale', ...fields })
  })

  it('leaves the kept page alone, and gets an answer of their own [7.04][14.07][S50]', async () => {
    const touched: string[] = []
    const store: CacheStore = {
      ...emptyStore,
      get: async (key) => (touched.push(`get ${key}`), undefined),
      set: async (key) => void touched.push(`set ${key}`),
    }
    const { app, get, begin, contexts, site, settled } = start(
      {},
      { store, before: (app) => app.use((_req, res, next) => (res.set('Cache-Control', 'public'), next())) },
    )
    const cookie = await begin('/api/draft')

    for (const path of ['/p', '/_data/p.json']) {
      const { headers } = await get(path, cookie).expect(200)
      expect(headers['cache-control']).toBe(DYN)
      expect(headers['cache-status']).toBe('pagepress; fwd=bypass')
      expect(headers['x-robots-tag']).toBe('noindex')
      expect(headers).not.toHaveProperty('etag')
    }
    await settled()
    expect(touched).toEqual([])

    const before = await get('/p').expect(200)
    expect(readPayload(before.text).props.pageProps).toMatchObject({ call: 3, preview: null })
    expect(readPayload(before.text)).not.toHaveProperty('isPreview')
    await get('/p', cookie)
    const after = await get('/p').expect(200)
    expect(after.text).toBe(before.text)
    expect(after.headers).not.toHaveProperty('x-robots-tag')
    expect(contexts).toHaveLength(4)
    await request(app).get('/p?draft=1').expect(200, before.text)
    await site.close()
  })

  it('is known to getServerSideProps and API routes, and nobody else [14.08]', async () => {
    const { get, begin, contexts } = start()
    const cookie = await begin('/api/preview', { user: 'me' })
    const fields = { preview: true, draftMode: true, previewData: { user: 'me' } }

    const { headers, text } = await get('/server', cookie).expect(200)
    expect(contexts[0]).toMatchObject(fields)
    expect(readPayload(text)).toMatchObject({ isPreview: true, gssp: true })
    expect([headers['cache-control'], headers['x-robots-tag']]).toEqual([DYN, 'noindex'])
    await get('/api/told', cookie).expect(200, fields)
    await get('/api/told').expect(200, {})

    const plain = await get('/plain')
    const inPreview = await get('/plain', cookie)
    expect(inPreview.text).toBe(plain.text)
    expect(inPreview.headers['cache-status']).toBe('pagepress; hit')
  })

  it('gets static route handlers as they answer now, and leaves the kept answer alone [S50]', async () => {
    const touched: string[] = []
    const store: CacheStore = {
      ...emptyStore,
      get: async (key) => (touched.push(`get ${key}`), undefined),
      set: async (key) => void touched.push(`set ${key}`),
    }
    let runs = 0
    const { app, get, begin, site, settled } = start(
      {
        '/feed': {
          dynamic: 'force-static',
          GET: (request: Request) =>
            Response.json([++runs, [...request.headers]], { headers: { 'Cache-Control': 'public' } }),
        },
        '/busy': { dynamic: 'force-static', GET: () => new Response(String(++runs), { status: 503 }) },
        '/reader': { revalidate: 60, GET: (request: Request) => Response.json(new URL(request.url).search) },
      },
      { store },
    )
    const cookie = await begin('/api/draft')

    for (const run of [1, 2]) {
      const { headers } = await get('/feed', cookie).expect(200, [run, []])
      expect([headers['cache-control'], headers['x-robots-tag']]).toEqual([DYN, 'noindex'])
      expect(headers['cache-status']).toBe('pagepress; fwd=bypass')
      expect(headers).not.toHaveProperty('etag')
    }
    await request(app).head('/feed').set('Cookie', cookie).expect(200)
    expect((await get('/busy', cookie).expect(503, '4')).headers['cache-control']).toBe(DYN)
    await get('/reader?a=1', cookie).expect(200, '"?a=1"')
    await settled()
    expect(touched).toEqual([])

    expect((await get('/feed').expect(200, [5, []])).headers['cache-control']).toBe('public')
    await get('/feed', cookie).expect(200, [6, []])
    await get('/feed').expect(200, [5, []])
    await site.close()
  })

  it('has an empty object for data in draft mode alone [14.09]', async () => {
    const { get, begin } = start()
    const cookie = await begin('/api/draft')

    expect(readPayload((await get('/p', cookie)).text).props.pageProps).toEqual({
      call: 1,
      preview: true,
      draftMode: true,
      previewData: {},
    })
  })

  it('gets pages at paths that are not listed, and never a shell [14.10]', async () => {
    const { get, begin } = start({}, { options: { fallthrough: false } })
    const cookie = await begin('/api/draft')

    await get('/listed/b').expect(404)
    expect(readPayload((await get('/listed/b', cookie).expect(200)).text).query).toEqual({ slug: 'b' })
    await get('/listed/b').expect(404)
    expect(readPayload((await get('/shell/a')).text).isFallback).toBe(true)
    expect(readPayload((await get('/shell/a', cookie)).text)).toMatchObject({
      isFallback: false,
      query: { slug: 'a' },
    })
    expect(readPayload((await get('/shell/a')).text).isFallback).toBe(true)
  })

  it('belongs to whom the key of the request says, and to nobody else', async () => {
    const { get, begin, contexts } = start(
      {},
      {
        options: {
          cache: { key: (req) => (req.get('X-Tenant') ? { tenant: req.get('X-Tenant')! } : undefined) },
        },
      },
    )
    const cookie = await begin('/api/draft')

    await get('/p', cookie).set('X-Tenant', 'a').expect(200)
    expect(contexts).toEqual([expect.objectContaining({ key: { tenant: 'a' }, draftMode: true })])
    await get('/p', cookie).expect(404)
    expect(contexts).toHaveLength(1)
  })

  it('gets redirects and 404s that nobody else gets', async () => {
    const { get, begin } = start(
      {
        '/either': {
          default: Show,
          getStaticProps: ({ previewData }: { previewData?: { to?: string } }) =>
            previewData?.to
              ? { redirect: { destination: previewData.to, permanent: false } }
              : previewData
                ? { notFound: true }
                : { props: {} },
        },
      },
      { mount: '/docs' },
    )
    const away = await begin('/docs/api/preview', { to: '/p' })
    const gone = await begin('/docs/api/draft')

    const redirect = await get('/docs/either', away).redirects(0).expect(307)
    expect([redirect.headers['location'], redirect.headers['cache-control']]).toEqual(['/docs/p', DYN])
    expect((await get('/docs/either', gone).expect(404)).headers['cache-control']).toBe(DYN)
    await get('/docs/either').expect(200)
  })

  it('is not seen by a revalidation that they cause [14.15]', async () => {
    const { get, begin, contexts } = start({
      '/api/refresh': api(async (_req, res) => {
        await res.revalidate('/p')
        res.end()
      }),
    })
    const cookie = await begin('/api/preview', { user: 'me' })

    await get('/api/refresh', cookie).expect(200)

    expect(contexts).toEqual([{ revalidateReason: 'on-demand' }])
  })
})

describe('cookies that open nothing', () => {
  const flip = (text: string, at: number) =>
    text.slice(0, at) + (text[at] === 'A' ? 'B' : 'A') + text.slice(at + 1)

  it('lead to the normal page, and are taken back [14.11][14.12][14.16][S50]', async () => {
    const { get, begin, errors, clock } = start()
    const [draft, preview] = (await begin('/api/preview', { user: 'me' })).split('; ') as [string, string]
    const [shortDraft, shortPreview] = (await begin('/api/preview?maxAge=60', {})).split('; ')
    const other = await begin('/api/draft')
    const foreign = (await start().begin('/api/preview', { user: 'me' })).split('; ')
    const normal = (await get('/p')).text
    expect(readPayload((await get('/p', `${shortDraft}; ${shortPreview}`)).text).isPreview).toBe(true)
    clock.advance(60_000)

    const table: Record<string, string> = {
      empty: `${DRAFT}=`,
      'data alone': preview,
      'draft of another build': foreign[0]!,
      'both of another build': foreign.join('; '),
      'data of another build': `${draft}; ${foreign[1]}`,
      expired: `${shortDraft}; ${shortPreview}`,
      'expired data': `${draft}; ${shortPreview}`,
      truncated: draft.slice(0, -1),
      'truncated data': `${draft}; ${preview.slice(0, -1)}`,
      'too long': `${draft}A`,
      'too long data': `${draft}; ${preview}A`,
      junk: `${DRAFT}=${'x'.repeat(4096)}`,
      'junk data': `${draft}; ${PREVIEW}=${'x'.repeat(4096)}`,
      'not base64': `${draft}; ${PREVIEW}=%%%`,
      twice: `${draft}; ${other}`,
      'data twice': `${draft}; ${preview}; ${preview}`,
      'a draft as data': `${draft}; ${PREVIEW}=${draft.slice(DRAFT.length + 1)}`,
      'data as a draft': `${DRAFT}=${preview.slice(PREVIEW.length + 1)}`,
    }
    // Every position of both tokens, so that no bit goes unchecked.
    for (let at = DRAFT.length + 1; at < draft.length; at += 1) table[`draft, ${at}`] = flip(draft, at)
    for (let at = PREVIEW.length + 1; at < preview.length; at += 1)
      table[`data, ${at}`] = `${draft}; ${flip(preview, at)}`

    for (const [what, cookie] of Object.entries(table)) {
      const { status, text, headers } = await get('/p', cookie)
      expect([what, status, text, cookiesOf(headers)]).toEqual([what, 200, normal, cleared])
      // What carries a cookie is nobody else's.
      expect(headers['cache-control']).toBe(DYN)
    }
    expect(errors).toEqual([])
    expect(readPayload((await get('/p', draft)).text).isPreview).toBe(true)
  })

  it('tell data functions and API routes nothing', async () => {
    const { get, contexts } = start()

    await get('/server', `${DRAFT}=x`).expect(200)
    const { headers } = await get('/api/told', `${PREVIEW}=x`).expect(200, {})

    expect(contexts[0]).not.toHaveProperty('draftMode')
    expect(cookiesOf(headers)).toEqual(cleared)
  })

  it('are left alone on what is not ours', async () => {
    const { app } = start({}, { after: (app) => app.get('/theirs', (_req, res) => void res.send('theirs')) })

    const { headers } = await request(app).get('/theirs').set('Cookie', `${DRAFT}=x`).expect(200)
    expect(cookiesOf(headers)).toEqual([])
  })
})
