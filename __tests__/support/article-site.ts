import { expect } from '@jest/globals'
import type { Browser, Page } from 'playwright-core'

/** Pages whose text is in the document alone, and what can be done to them. */
export const articleFiles = {
  'components/article.tsx': `
import { useEffect, useState } from 'react'
import { Link, ServerHtml, useRouter } from 'pagepress/react'
export default function Article({ id, html }: any) {
  const [count, setCount] = useState(0)
  const [isOpen, setOpen] = useState(true)
  const router = useRouter()
  useEffect(() => {
    const { window: tab, document: { body } } = globalThis as any
    tab.html = html
    tab.wasBlank ||= body.querySelector('article')?.textContent === ''
  })
  return (
    <main>
      <h1>{id}</h1>
      <p id="url">{router.asPath}</p>
      <button id="count" onClick={() => setCount(count + 1)}>{count}</button>
      <button id="toggle" onClick={() => setOpen(!isOpen)}>toggle</button>
      <button id="reload" onClick={() => router.replace(router.asPath, undefined, { scroll: false })}>reload</button>
      <Link id="shallow" href={'/article/' + id + '?x=1'} shallow prefetch={false}>shallow</Link>
      <Link id="hash" href={'/article/' + id + '#part'} prefetch={false}>hash</Link>
      <Link id="two" href="/article/two" prefetch={false}>two</Link>
      <Link id="none" href="/article/none" prefetch={false}>none</Link>
      <Link id="static" href="/static" prefetch={false}>static</Link>
      {isOpen && <ServerHtml as="article" html={html} className={'n' + count} data-kind="post" />}
    </main>
  )
}`,
  'pages/article/[id].tsx': `
export { default } from '../../components/article'
export const getServerSideProps = ({ params: { id } }: any) => ({
  props: { id },
  // As no browser would write it: without an end, and with quotes that it leaves out.
  serverOnly: id === 'none' ? undefined : { html: "<p id='part'>text of " + id + "<br/><b>bold &amp; more</b>" },
})`,
  'pages/static.tsx': `
export { default } from '../components/article'
export const getStaticProps = () => ({ props: { id: 'static' }, serverOnly: { html: '<p>text of static</p>' } })`,
  'pages/unlike.tsx': `
import { ServerHtml } from 'pagepress/react'
export const getServerSideProps = () => ({ props: {}, serverOnly: { html: '<p>text of unlike</p>' } })
export default function Unlike({ html }: any) {
  return (
    <main>
      <h1>{typeof window === 'undefined' ? 'server' : 'browser'}</h1>
      <ServerHtml html={html} />
    </main>
  )
}`,
}

export interface ArticleVisit {
  readonly page: Page
  /** What the console and uncaught errors have said. */
  readonly problems: string[]
  /** Data that has been asked for since the last call. */
  asked(): string[]
}

/** Opens a page of the site, and waits until it has come to life. */
export async function openArticle(browser: Browser, url: string): Promise<ArticleVisit> {
  const page = await browser.newPage()
  page.setDefaultTimeout(15_000)
  const problems: string[] = []
  const requests: string[] = []
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') problems.push(message.text())
  })
  page.on('pageerror', (error) => problems.push(error.message))
  page.on('request', (request) => {
    const { pathname, search } = new URL(request.url())
    if (pathname.includes('/_data/')) requests.push(pathname.slice(pathname.indexOf('/_data/')) + search)
  })
  // The browser asks for it by itself, and tells that there is none.
  await page.route('**/favicon.ico', (route) => route.fulfill({ status: 204 }))
  await page.goto(url)
  await page.locator('[id$="-route-announcer__"]').waitFor({ state: 'attached' })
  return { page, problems, asked: () => requests.splice(0) }
}

/** What the router shows of the URL. */
export const shownUrl = (page: Page, url: string) =>
  page.locator('#url').getByText(url, { exact: true }).waitFor()

/** Waits for the text of an article, and gives the HTML that holds it. */
export async function articleHtml(page: Page, id: string): Promise<string> {
  await page.locator('article').getByText(`text of ${id}`).waitFor()
  return page.locator('article').innerHTML()
}

/** A first page keeps the nodes that the server has written, whatever happens to it, and asks for no data. */
export async function expectKept(browser: Browser, site: string): Promise<void> {
  const { page, problems, asked } = await openArticle(browser, `${site}/article/one`)
  const written = await articleHtml(page, 'one')
  expect(written).toBe('<p id="part">text of one<br><b>bold &amp; more</b></p>')
  await page.evaluate(() => ((document.querySelector('article p') as any).isFirst = true))

  await page.click('#count')
  await page.locator('article.n1[data-kind=post]').waitFor()
  await page.click('#hash')
  await shownUrl(page, '/article/one#part')
  await page.click('#shallow')
  await shownUrl(page, '/article/one?x=1')
  await page.click('#count')
  await page.locator('article.n2').waitFor()

  // Scrolling to the hash leaves an empty `style`.
  expect((await articleHtml(page, 'one')).replace(' style=""', '')).toBe(written)
  expect(await page.evaluate(() => (document.querySelector('article p') as any).isFirst)).toBe(true)
  expect(await page.evaluate(() => typeof (window as any).html)).toBe('undefined')
  expect([asked(), problems]).toEqual([[], []])
  await page.close()
}

/** A click leads to a page with its text; the first page has its own again, of data that it asks for. */
export async function expectShownAgain(browser: Browser, site: string): Promise<void> {
  const { page, problems, asked } = await openArticle(browser, `${site}/article/one`)
  await page.click('#two')
  await articleHtml(page, 'two')
  await page.goBack()
  const html = await articleHtml(page, 'one')
  expect(html).toBe('<p id="part">text of one<br><b>bold &amp; more</b></p>')
  expect(asked()).toEqual(['/_data/article/two.json', '/_data/article/one.json'])
  expect(await page.evaluate(() => (window as any).wasBlank)).toBe(false)
  await page.goForward()
  await articleHtml(page, 'two')
  expect(problems).toEqual([])
  await page.close()
}

/** Data that comes later shows, as the very same text. */
export async function expectReloaded(browser: Browser, site: string): Promise<void> {
  const { page, problems, asked } = await openArticle(browser, `${site}/article/one`)
  await page.click('#reload')
  await page.waitForFunction(() => String((window as any).html).includes('text of one'))
  await articleHtml(page, 'one')
  await page.click('#count')
  await page.locator('article.n1').waitFor()
  await articleHtml(page, 'one')
  expect([asked(), problems]).toEqual([['/_data/article/one.json'], []])
  await page.close()
}
