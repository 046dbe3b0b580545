import { createLocate } from '../../lib/client/locate.js'
import { toFirstState } from '../../lib/client/page-state.js'
import type { ClientPage } from '../../lib/protocol/client-site.js'
import { failOnConsole, takeConsole } from '../support/console.js'

failOnConsole()

const ROUTES = ['/size[xl]', '/[size]/xl', '/[size]s/list']
const pages = ROUTES.map((route): ClientPage => ({ route, data: undefined, load: () => Promise.reject() }))
const style = { basePath: '', trailingSlash: false }

function goTo(path: string): void {
  Object.defineProperty(globalThis, 'location', { value: new URL(path, 'http://x'), configurable: true })
}

afterEach(() => Reflect.deleteProperty(globalThis, 'location'))

describe('a route with brackets inside a segment', () => {
  const firstStateOf = (path: string, page: ClientPage) => {
    goTo(path)
    const payload = { props: { pageProps: {} }, page: page.route, query: {}, buildId: 'b', isFallback: false }
    const { asPath, isReady } = toFirstState(
      { ...payload, autoExport: true },
      { page, Component: () => null },
      style,
    )
    return { asPath, isReady }
  }

  it('is complete from the start, unlike one with parameters', () => {
    expect(firstStateOf('/size%5Bxl%5D', pages[0]!)).toEqual({ asPath: '/size%5Bxl%5D', isReady: true })
    expect(firstStateOf('/large/xl', pages[1]!)).toEqual({ asPath: '/[size]/xl', isReady: false })
    expect(firstStateOf('/%5Bsize%5Ds/list', pages[2]!)).toEqual({
      asPath: '/%5Bsize%5Ds/list',
      isReady: true,
    })
  })

  it('is no route whose parameters a URL must give', () => {
    goTo('/')
    const locate = createLocate(pages, style)
    expect(locate('/', '/size%5Bxl%5D').match?.page).toBe(pages[0])
    expect(() => locate('/', '/size[xl]', '/other')).not.toThrow()
    expect(() => locate('/', '/[size]/xl', '/other')).toThrow('incompatible with the href value')
    expect(takeConsole()).toEqual([expect.stringContaining('lacks: size')])
  })
})
