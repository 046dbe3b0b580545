import { values } from '../fixtures/conformance/values.js'
import { useConformanceSite } from '../support/conformance-site.js'
import { readRoot } from '../support/page-data.js'

const HIT = 'pagepress; hit'
const MISS = 'pagepress; fwd=uri-miss; stored'

// The order of the functions, what they are told, and what they may not return: `__tests__/http/static-params.test.ts`.
const site = useConformanceSite('static-params')

/** Asks as everybody may spell it, and goes where the library spells it itself. */
async function visit(path: string) {
  const first = await site.get(path)
  const { text, headers } = first.status === 308 ? await site.get(String(first.headers['location'])) : first
  const shown = readRoot(text).replace(/<\/?p>/g, '')
  const params = JSON.parse(shown.replaceAll('&quot;', '"').replaceAll('&amp;', '&')) as unknown
  return { params, cache: headers['cache-status'] }
}

describe('generateStaticParams', () => {
  it.each(values)('gives %s as it is, and the page gets it back [5.14]', async (value) => {
    const { params, cache } = await visit(`/encoded/${encodeURIComponent(value)}`)

    expect([params, cache]).toEqual([{ slug: value }, HIT])
    expect(site.calls('render')).toEqual([])
  })

  it('gives all of them as the parts of a catch-all [5.14]', async () => {
    const path = values.map(encodeURIComponent).join('/')

    expect(await visit(`/deep/${path}`)).toEqual({ params: { values }, cache: HIT })
    expect(site.calls('render')).toEqual([])
  })

  it.each(['undefined', 'null', 'false', 'list'])(
    'names the root of an optional catch-all by what stands for nothing (%s) [5.13]',
    async (kind) => {
      expect(await visit(`/roots/${kind}`)).toEqual({ params: {}, cache: HIT })
      await site.get(`/roots/${kind}/below`).expect(404)
      expect(site.calls('render')).toEqual([])
    },
  )

  it('that lists nothing has a path rendered once, for its first visitor [5.11][5.16]', async () => {
    expect(await visit('/open/a')).toEqual({ params: { id: 'a' }, cache: MISS })
    expect(await visit('/open/a')).toEqual({ params: { id: 'a' }, cache: HIT })
    expect(site.calls('render')).toEqual([{ id: 'a' }])
  })

  it('with dynamicParams = false is a 404 for what it does not list, and nothing is rendered [5.16]', async () => {
    await site.get('/closed/out').expect(404)
    await site.get('/_data/closed/out.json').expect(404, '{"notFound":true}')
    expect(await visit('/closed/in')).toEqual({ params: { id: 'in' }, cache: HIT })
    expect(site.calls('render')).toEqual([])
  })
})

describe('a route handler with generateStaticParams', () => {
  const ask = async (path: string, who: string) =>
    (
      await site
        .get(`${path}?who=${who}`)
        .set({ 'X-Who': who, Cookie: `who=${who}` })
        .expect(200)
    ).body as unknown

  it.each([
    ['header', 'me', 'you'],
    ['cookie', 'who=me', 'who=you'],
    ['search', '?who=me', '?who=you'],
  ])('that reads the %s of a request runs for each [5.21]', async (part, mine, yours) => {
    expect(await ask(`/reads/${part}/1`, 'me')).toBe(mine)
    expect(await ask(`/reads/${part}/1`, 'you')).toBe(yours)
    expect(site.calls('handler')).toEqual([part, part])
  })

  it('reads nothing in them with force-static, and runs in the build alone [5.21]', async () => {
    for (const who of ['me', 'you']) expect(await ask('/forced/1', who)).toEqual([null, null, ''])
    expect(site.builtWith('handler')).toContain('forced')
    expect(site.calls('handler')).toEqual([])
  })
})
