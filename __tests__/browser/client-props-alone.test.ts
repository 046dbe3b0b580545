import { jest } from '@jest/globals'
import type { Browser } from 'playwright-core'
import { openArticle, type ArticleVisit } from '../support/article-site.js'
import { launchChromium } from '../support/chromium.js'
import { makeProject, removeProjects, startBuilt, type RunningApp } from '../support/project.js'

jest.setTimeout(60_000)

const files = {
  'pages/_app.tsx': `
import { Link, useRouter } from 'pagepress/react'
export default function App({ Component, pageProps }: any) {
  const router = useRouter()
  if (typeof window !== 'undefined') (globalThis as any).router = router
  return (
    <>
      <p id="url">{router.asPath}</p>
      <p id="draft">{String(router.isPreview)}</p>
      <Link id="bare" href="/own?bare" data={false} prefetch={false}>bare</Link>
      <Component {...pageProps} />
    </>
  )
}`,
  'pages/index.tsx': `export default function Home() { return <h1>home</h1> }`,
  'pages/404.tsx': `
export const getStaticProps = () => ({ props: { menu: 'menu' } })
export default function Missing({ menu }: any) { return <h1>missing, but for the {menu.toUpperCase()}</h1> }`,
  'pages/own.tsx': `
export const getStaticProps = () => ({ props: { by: 'server' } })
export const getClientProps = (context: any) => (globalThis as any).own(context)
export default function Own({ by = 'nobody' }: any) { return <h1>by the {by}</h1> }`,
  'pages/flagged.tsx': `
const isOn = false
export const getStaticProps = () => ({ props: { by: 'server' } })
export const getClientProps = isOn ? () => ({ props: { by: 'browser' } }) : undefined
export default function Flagged({ by }: any) { return <h1>flagged by the {by}</h1> }`,
  'pages/draft.tsx': `
export const getStaticProps = ({ draftMode = false }: any) => ({ props: { draftMode } })
export default function Draft({ draftMode }: any) { return <h1>draft {String(draftMode)}</h1> }`,
  'pages/api/draft.ts': `
export default function draft(_req: any, res: any) {
  res.setDraftMode({ enable: true })
  res.redirect('/draft')
}`,
}

let app: RunningApp
let browser: Browser
beforeAll(async () => {
  app = await startBuilt(await makeProject(files))
  browser = await launchChromium()
})
afterAll(async () => {
  await browser?.close()
  await removeProjects()
})

/** A visitor on the home page, to whom `getClientProps` of `/own` will give what this code returns. */
async function home(code: string, path = '/'): Promise<ArticleVisit & { documents: string[] }> {
  const visit = await openArticle(browser, app.url + path)
  const documents: string[] = []
  visit.page.on('request', (request) => {
    if (request.resourceType() === 'document') documents.push(request.url())
  })
  await visit.page.evaluate(`window.own = async () => { ${code} }; undefined`)
  return { ...visit, documents }
}

const toOwn = ({ page }: ArticleVisit, path = '/own') =>
  page.evaluate((to) => (window as any).router.push(to) as Promise<boolean>, path)

describe('`getClientProps`', () => {
  it('that finds nothing shows the error page in place where the 404 page has props that only the server has', async () => {
    const visit = await home('return { notFound: true }')
    await toOwn(visit)
    await visit.page.getByRole('heading', { name: '404' }).waitFor()
    expect(await visit.page.textContent('#url')).toBe('/own')
    expect([visit.documents, visit.asked(), visit.problems]).toEqual([[], [], []])
    await visit.page.close()
  })

  it.each([
    ['null', 'throw null'],
    ['nothing', 'throw undefined'],
    ['a text', "throw 'a text'"],
    ['an error that cannot be changed', "throw Object.freeze(new Error('frozen'))"],
  ])('that throws %s is shown as an error with status 500', async (_what, code) => {
    const visit = await home(code)
    expect(await toOwn(visit)).toBe(false)
    await visit.page.getByRole('heading', { name: '500' }).waitFor()
    expect([visit.documents, visit.problems.length]).toEqual([[], 1])
    await visit.page.close()
  })

  it('that is `undefined` leaves its page with the props of the server', async () => {
    const visit = await home('')
    expect(await toOwn(visit, '/flagged')).toBe(true)
    await visit.page.getByRole('heading', { name: 'flagged by the server' }).waitFor()
    expect([visit.asked(), visit.problems]).toEqual([['/_data/flagged.json'], []])
    await visit.page.close()
  })

  it('needs no connection any more once its page was prefetched', async () => {
    const visit = await home("return { props: { by: 'browser' } }")
    const { page } = visit
    // Nothing says that all code of a prefetch is there, but that nothing more of it comes.
    await page.evaluate(() => (window as any).router.prefetch('/own') as Promise<void>)
    await page.waitForLoadState('networkidle')
    await page.context().setOffline(true)
    expect(await toOwn(visit)).toBe(true)
    await page.getByRole('heading', { name: 'by the browser' }).waitFor()
    expect([visit.documents, visit.problems]).toEqual([[], []])
    await page.close()
  })
})

describe('a link with `data={false}`', () => {
  it('knows of draft mode on the page that it leads to', async () => {
    const { page, asked } = await home('', '/api/draft')
    await page.getByRole('heading', { name: 'draft true' }).waitFor()
    expect(await page.textContent('#draft')).toBe('true')
    await page.click('#bare')
    await page.getByRole('heading', { name: 'by the nobody' }).waitFor()
    expect(await page.textContent('#draft')).toBe('true')
    expect(asked()).toEqual([])
    await page.context().close()
  })
})
