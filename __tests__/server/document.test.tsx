import { composeDocument, renderDocument, type DocumentInput } from '../../lib/server/document.js'
import { BASE_PATH_TOKEN } from '../../lib/protocol/base-path.js'
import { Document, Head, Html, Main, Scripts } from '../../lib/react/document.js'
import { failOnConsole } from '../support/console.js'

failOnConsole()

const assets = {
  scripts: [`${BASE_PATH_TOKEN}/_assets/entry.js`],
  preloads: [`${BASE_PATH_TOKEN}/_assets/page.js`],
  globalStyles: [`${BASE_PATH_TOKEN}/_assets/app.css`],
  styles: [`${BASE_PATH_TOKEN}/_assets/page.css`],
  partStyles: [`${BASE_PATH_TOKEN}/_assets/part.css`],
}
const input: DocumentInput = {
  html: '<h1>page</h1>',
  head: undefined,
  payload: '{"props":{}}',
  rootId: '__page',
  assets,
  basePath: '/shop',
}

const compose = (given: DocumentInput) => composeDocument(given.html, given.head, given)

describe('the default document', () => {
  it('is the same whether it is put together as text or rendered', () => {
    const { html, missing } = renderDocument(Document, input, {})

    // React moves some links of a head to its front, and has an order of its own for attributes.
    const tags = (text: string) => text.split(/(?=<)/).sort()
    expect(tags(compose(input))).toEqual(tags(html))
    expect(missing).toEqual([])
  })

  it('links to what the page needs, below the mount, in an order that loads well', () => {
    const html = compose(input)

    expect(html).toMatch(/^<!DOCTYPE html><html><head><meta char[sS]et="utf-8"/)
    const parts = [
      '<link rel="preload" href="/shop/_assets/app.css" as="style"/><link rel="stylesheet" href="/shop/_assets/app.css" data-n-g=""/>',
      '<link rel="preload" href="/shop/_assets/page.css" as="style"/><link rel="stylesheet" href="/shop/_assets/page.css" data-n-p=""/>',
      '<noscript data-n-css=""></noscript>',
      '<link rel="preload" href="/shop/_assets/part.css" as="style"/><link rel="stylesheet" href="/shop/_assets/part.css"/>',
      '<link rel="modulepreload" href="/shop/_assets/page.js"/>',
      '</head><body><div id="__page"><h1>page</h1></div>',
      '<script id="__PAGE_DATA__" type="application/json">{"props":{}}</script>',
      '<script type="module" src="/shop/_assets/entry.js"></script></body></html>',
    ]
    const places = parts.map((part) => html.indexOf(part))
    expect(places).toEqual([...places].sort((a, b) => a - b))
    expect(places).not.toContain(-1)
  })

  it('links below each of many mounts, however many there are', () => {
    for (let index = 0; index < 250; index += 1)
      expect(compose({ ...input, basePath: `/${index}` })).toContain(`src="/${index}/_assets/entry.js"`)
    expect(compose({ ...input, basePath: '' })).toContain('src="/_assets/entry.js"')
  })

  it('holds no executable inline script, and nothing that breaks out of an attribute or a style [S77]', () => {
    const html = compose({
      ...input,
      assets: {
        scripts: ['/a"><script>alert(1)</script>'],
        preloads: [],
        styles: ['/b"&<'],
        inlineStyles: [{ id: '/c"<', css: 'p{} </style><script>alert(1)</script> </STYLE>' }],
      },
    })

    expect(html).toContain('src="/a&quot;>&lt;script>alert(1)&lt;/script>"')
    expect(html).toContain('href="/b&quot;&amp;&lt;"')
    expect(html).toContain('data-vite-dev-id="/c&quot;&lt;"')
    expect(html.match(/<\/style/gi)).toHaveLength(1)
    const outsideOfStyles = html.replace(/<style.*?<\/style>/gs, '')
    const scripts = [...outsideOfStyles.matchAll(/<script([^>]*)>/g)].map(([, attributes]) => attributes)
    expect(scripts).toHaveLength(2)
    for (const attributes of scripts) expect(attributes).toMatch(/type="(module|application\/json)"/)
  })
})

describe('a custom document', () => {
  it('hands nonce and crossOrigin to every script, style and link [8.11]', () => {
    function Custom() {
      return (
        <Html lang="en">
          <Head nonce="n1" crossOrigin="anonymous">
            <meta name="own" content="1" />
          </Head>
          <body>
            <Main />
            <Scripts nonce="n1" crossOrigin="anonymous" />
          </body>
        </Html>
      )
    }

    const { html } = renderDocument(
      Custom,
      { ...input, assets: { ...assets, inlineStyles: [{ id: 'a', css: 'p{}</Style>' }] } },
      {},
    )

    expect(html).toContain('<style nonce="n1" data-vite-dev-id="a">p{}<\\/Style></style>')
    const tags = html.match(/<(?:link|script)\b[^>]*>/g) ?? []
    expect(tags).toHaveLength(9)
    for (const tag of tags) {
      expect(tag).toContain('nonce="n1"')
      expect(tag.toLowerCase()).toContain('crossorigin="anonymous"')
    }
    expect(html).toContain('<meta name="own" content="1"/>')
  })

  it('leaves every preload before its style sheet, where React would move it away [8.09]', () => {
    const { html } = renderDocument(Document, input, {})

    const hrefs = [...html.matchAll(/<link rel="(preload|stylesheet)" href="([^"]*)"/g)]
    expect(hrefs.map(([, rel, href]) => `${rel} ${href}`)).toEqual(
      ['app', 'page', 'part'].flatMap((name) => [
        `preload /shop/_assets/${name}.css`,
        `stylesheet /shop/_assets/${name}.css`,
      ]),
    )
  })

  it('is told which of its parts it lacks', () => {
    const { missing } = renderDocument(() => <Html />, input, {})

    expect(missing).toEqual(['Head', 'Main', 'Scripts'])
  })
})
