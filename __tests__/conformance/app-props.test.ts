import { useConformanceSite } from '../support/conformance-site.js'
import { readRoot } from '../support/page-data.js'

// Its `_app` has getInitialProps, and its paths end in a slash.
const site = useConformanceSite('app-props', { options: { fallthrough: false } })

const DYN = 'private, no-cache, no-store, max-age=0, must-revalidate'

describe('a site whose _app has getInitialProps', () => {
  it('has what that returns beside pageProps in its data [6.11]', async () => {
    const { body } = await site.get('/_data/index.json').expect(200)
    expect(body).toEqual({ pageProps: { random: expect.any(Number), made: 'once' }, user: 'ann' })
    expect((await site.get('/_data/server.json').expect(200)).body).toEqual({
      pageProps: { random: expect.any(Number), made: 'now' },
      user: 'ann',
    })
  })

  it('lets that say how a server page is cached, and not how a static one is [7.22]', async () => {
    for (const path of ['/', '/_data/index.json'])
      expect((await site.get(path).expect(200)).headers['cache-control']).toMatch(
        /^s-maxage=\d+, stale-while-revalidate=\d+$/,
      )
    for (const path of ['/server/', '/_data/server.json'])
      await site.get(path).expect(200).expect('Cache-Control', 'public, max-age=600')
  })

  it('makes its error pages for each error, but one that has getStaticProps [13.10]', async () => {
    const missing = async (path: string) => readRoot((await site.get(path).expect(404)).text)
    const failed = async () => {
      const { text, headers } = await site.get('/server/?throws=a%20secret').expect(500)
      expect(headers['cache-control']).toBe(DYN)
      return readRoot(text)
    }
    expect(await missing('/x/')).toBe(await missing('/y/'))
    expect(await missing('/x/')).toMatch(/<h1>missing <!-- -->0\.\d+/)
    expect(site.builtWith('404')).toEqual(['build'])
    expect(site.calls('404')).toEqual([])

    const first = await failed()
    expect(first).toMatch(/<h1>broken <!-- -->0\.\d+/)
    expect(await failed()).not.toBe(first)
    expect(site.takeErrors()).toEqual(['Error: a secret', 'Error: a secret'])
  })
})

describe('a site whose paths end in a slash', () => {
  it('has the same data URLs, which are never redirected [6.04]', async () => {
    for (const path of ['/_data/server.json', '/_data/index.json']) await site.get(path).expect(200)
    for (const path of ['/_data/server/.json', '/_data/server.json/', '/_data/index.json/'])
      await site.get(path).redirects(0).expect(404)
    await site.get('/server').redirects(0).expect(308).expect('Location', '/server/')
  })
})
