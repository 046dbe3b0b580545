import { Fragment, type ReactNode } from 'react'
import { renderToStaticMarkup, renderToString } from 'react-dom/server'
import { jest } from '@jest/globals'
import { createHeadCollector, Head, HeadContext } from '../../lib/react/head.js'

const DEFAULTS =
  '<meta charSet="utf-8" data-head=""/><meta name="viewport" content="width=device-width" data-head=""/>'

/** The tags that a tree's `Head` components ask the server for. */
function collect(tree: ReactNode): string {
  const head = createHeadCollector()
  renderToString(<HeadContext.Provider value={head}>{tree}</HeadContext.Provider>)
  return renderToStaticMarkup(<>{head.elements()}</>)
}

/** The same without the tags that every page has. */
function collectOwn(tree: ReactNode): string {
  const html = collect(tree)
  expect(html.startsWith(DEFAULTS)).toBe(true)
  return html.slice(DEFAULTS.length).replaceAll(' data-head=""', '')
}

/** Sorted, because React writes some kinds of tags before others. */
function toTags(html: string): string[] {
  return html
    .replaceAll(/(\/|<\/\w+)>(?=<)/g, '$&\n')
    .split('\n')
    .sort()
}

let warn: ReturnType<typeof jest.spyOn>
beforeEach(() => {
  warn = jest.spyOn(console, 'warn').mockImplementation(() => {})
})
afterEach(() => warn.mockRestore())

describe('tags that every page has', () => {
  it('are the charset, first in the head, and the viewport [8.14]', () => {
    expect(collect(<p />)).toBe(DEFAULTS)
  })

  it('give way to the page’s own, and the charset stays first [8.14]', () => {
    const html = collect(
      <Head>
        <title>a</title>
        <meta name="viewport" content="width=500" />
        <meta charSet="latin1" />
      </Head>,
    )
    expect(html).toMatch(/^<meta charSet="latin1" data-head=""\/>/)
    expect(toTags(html)).toEqual([
      '<meta charSet="latin1" data-head=""/>',
      '<meta name="viewport" content="width=500" data-head=""/>',
      '<title data-head="">a</title>',
    ])
  })
})

describe('several tags that say the same', () => {
  it('leave the last title, base, and meta of one name, httpEquiv or itemProp [8.15]', () => {
    const twice = (html: (n: number) => ReactNode) =>
      collectOwn(
        <>
          <Head>{html(1)}</Head>
          <Head>{html(2)}</Head>
        </>,
      )
    expect(twice((n) => <title>{`t${n}`}</title>)).toBe('<title>t2</title>')
    expect(twice((n) => <base href={`/${n}`} />)).toBe('<base href="/2"/>')
    expect(twice((n) => <meta name="description" content={`${n}`} />)).toBe(
      '<meta name="description" content="2"/>',
    )
    expect(twice((n) => <meta httpEquiv="refresh" content={`${n}`} />)).toBe(
      '<meta http-equiv="refresh" content="2"/>',
    )
    expect(twice((n) => <meta itemProp="name" content={`${n}`} />)).toBe(
      '<meta itemProp="name" content="2"/>',
    )
  })

  it('all stay when they are link, script or meta property, unless they share a key [8.15]', () => {
    const tags = (key?: string) =>
      collectOwn(
        <>
          <Head>
            <link rel="icon" href="/1" key={key && `${key}link`} />
            <script src="/1" key={key && `${key}script`} />
            <meta property="og:title" content="1" key={key && `${key}meta`} />
          </Head>
          <Head>
            <link rel="icon" href="/2" key={key && `${key}link`} />
            <script src="/2" key={key && `${key}script`} />
            <meta property="og:title" content="2" key={key && `${key}meta`} />
          </Head>
        </>,
      )
    const first = [
      '<link rel="icon" href="/1"/>',
      '<meta property="og:title" content="1"/>',
      '<script src="/1"></script>',
    ]
    const second = first.map((tag) => tag.replace('1', '2'))
    expect(toTags(tags())).toEqual([...first, ...second].sort())
    expect(toTags(tags('own '))).toEqual(second)
  })

  it('with the same key leave the last, whatever they say; with different keys both stay [8.16]', () => {
    expect(
      collectOwn(
        <Head>
          <meta key="k" name="author" content="a" />
          <meta key="k" name="keywords" content="b" />
          <meta key="x" name="description" content="c" />
          <meta key="y" name="description" content="d" />
        </Head>,
      ),
    ).toBe(
      '<meta name="keywords" content="b"/><meta name="description" content="c"/><meta name="description" content="d"/>',
    )
  })

  it('of the page override those of the app around it [8.21]', () => {
    const Page = () => (
      <Head>
        <title>page</title>
      </Head>
    )
    expect(
      collectOwn(
        <>
          <Head>
            <title>app</title>
            <meta name="author" content="app" />
          </Head>
          <Page />
        </>,
      ),
    ).toBe('<meta name="author" content="app"/><title>page</title>')
  })
})

describe('children', () => {
  it('may stand in a fragment; text, numbers, false and null are ignored [8.17]', () => {
    expect(
      collectOwn(
        <Head>
          text
          {7}
          {false}
          {null}
          <>
            <title>in</title>
            <Fragment>
              <meta name="author" content="deeper" />
            </Fragment>
          </>
        </Head>,
      ),
    ).toBe('<title>in</title><meta name="author" content="deeper"/>')
  })

  it('lose attributes that are undefined; booleans, inner HTML and style text are kept [8.18]', () => {
    expect(
      collectOwn(
        <Head>
          <script async src="/a.js" id={undefined} />
          <style>{'p>a{}'}</style>
          <style dangerouslySetInnerHTML={{ __html: 'p > a{}' }} />
        </Head>,
      ),
    ).toBe('<script async="" src="/a.js"></script><style>p>a{}</style><style>p > a{}</style>')
  })

  it('of a title are joined; an empty title is a title [8.19]', () => {
    expect(
      collectOwn(
        <Head>
          <title>a{1}b</title>
        </Head>,
      ),
    ).toBe('<title>a1b</title>')
    expect(
      collectOwn(
        <Head>
          <title></title>
        </Head>,
      ),
    ).toBe('<title></title>')
  })

  it('that are no tags of a head are left out with a warning [8.23]', () => {
    const Own = () => <meta name="a" />
    expect(
      collectOwn(
        <Head>
          <body />
          <html />
          <Own />
          <title>t</title>
        </Head>,
      ),
    ).toBe('<title>t</title>')
    expect(warn.mock.calls.map(([text]: unknown[]) => /`(\w+)`/.exec(String(text))?.[1])).toEqual([
      'body',
      'html',
      'Own',
    ])
  })

  it('that are scripts or stylesheets are warned of, JSON-LD is not [8.22]', () => {
    collectOwn(
      <Head>
        <script src="/a.js" />
        <script type="application/ld+json" dangerouslySetInnerHTML={{ __html: '{}' }} />
        <link rel="stylesheet" href="/a.css" />
        <link rel="icon" href="/i" />
      </Head>,
    )
    expect(warn.mock.calls).toHaveLength(2)
    expect(String(warn.mock.calls)).toMatch(/Script component.*|stylesheet/s)
  })
})

describe('hostile text', () => {
  const attacks = [
    '</script><script>alert(1)</script>',
    '</SCRIPT ',
    '<!--<script>',
    '</title><script>',
    '"><img>',
    '\u2028',
  ]

  it.each(attacks)('%j is inert in a title, an attribute and JSON-LD [S73]', (attack) => {
    const json = JSON.stringify({ name: attack })
    const html = collectOwn(
      <Head>
        <title>{attack}</title>
        <meta name="description" content={attack} />
        <script type="application/ld+json" dangerouslySetInnerHTML={{ __html: json }} />
      </Head>,
    )
    const scripts = html.match(/<script[^>]*>([^]*?)<\/script/gi)
    expect(scripts).toHaveLength(1)
    const text = /<script[^>]*>([^]*)<\/script>$/.exec(html)![1]!
    expect(text).not.toContain('<')
    expect(JSON.parse(text)).toEqual({ name: attack })
    expect(html.match(/<[a-z!/]+/gi)).toEqual(['<title', '</title', '<meta', '<script', '</script'])
  })
})

describe('the collector', () => {
  it('keeps concurrent renders apart and forgets on reset', () => {
    const [one, two] = [createHeadCollector(), createHeadCollector()]
    const page = (head: typeof one, title: string) => (
      <HeadContext.Provider value={head}>
        <Head>
          <title>{title}</title>
        </Head>
      </HeadContext.Provider>
    )
    renderToString(page(one, '1'))
    renderToString(page(two, '2'))
    renderToString(page(one, '1'))
    expect(renderToStaticMarkup(<>{one.elements()}</>)).toBe(`${DEFAULTS}<title data-head="">1</title>`)
    expect(renderToStaticMarkup(<>{two.elements()}</>)).toContain('2')
    one.reset()
    expect(renderToStaticMarkup(<>{one.elements()}</>)).toBe(DEFAULTS)
  })

  it('is not needed: outside of a page Head renders nothing [20.12]', () => {
    expect(
      renderToString(
        <Head>
          <title>t</title>
        </Head>,
      ),
    ).toBe('')
  })
})
