import { composeDocument, renderDocument, type DocumentInput } from '../../lib/server/document.js'
import { BASE_PATH_TOKEN } from '../../lib/protocol/base-path.js'
import { Document, Head, Html, Main, Scripts } from '../../lib/react/document.js'
import { failOnConsole } from '../support/console.js'

failOnConsole()

const assets = {
  scripts: [`${BASE_PATH_TOKEN}/_assets/entry.js`],
  preloads: [`${BASE_PATH_TOKEN}/_assets/page.js`],
  styles: [`${BASE_PATH_TOKEN}/_assets/page.css`],
}
const input: DocumentInput = {
  html: '<h1>page</h1>',
  head: undefined,
  payload: '{"props":{}}',
  rootId: '__page',
  assets,
  basePath: '/shop',
}

describe('the default document', () => {
  it('is the same whether it is put together as text or rendered', () => {
    const { html, missing } = renderDocument(Document, input, {})

    // React moves some links of a head to its front.
    const tags = (text: string) => text.split(/(?=<)/).sort()
    expect(tags(composeDocument(input))).toEqual(tags(html))
    expect(missing).toEqual([])
  })

  it('links to what the page needs, below the mount, in an order that loads well', () => {
    const html = composeDocument(input)

    expect(html).toMatch(/^<!DOCTYPE html><html><head><meta char[sS]et="utf-8"/)
    const parts = [
      '<link rel="stylesheet" href="/shop/_assets/page.css"/>',
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
      expect(composeDocument({ ...input, basePath: `/${index}` })).toContain(
        `src="/${index}/_assets/entry.js"`,
      )
    expect(composeDocument({ ...input, basePath: '' })).toContain('src="/_assets/entry.js"')
  })

  it('holds no executable inline script, and nothing that breaks out of an attribute or a style [S77]', () => {
    const html = composeDocument({
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
  it('hands nonce and crossOrigin to every script, style and link', () => {
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
    for (const tag of [
      '<link rel="stylesheet" href="/shop/_assets/page.css"',
      '<link rel="modulepreload" href="/shop/_assets/page.js"',
      '<script type="module" src="/shop/_assets/entry.js"',
    ]) {
      const rest = html.slice(html.indexOf(tag)).split('>')[0]
      expect(rest).toContain('nonce="n1"')
      expect(rest?.toLowerCase()).toContain('crossorigin="anonymous"')
    }
    expect(html).toContain('<meta name="own" content="1"/>')
  })

  it('is told which of its parts it lacks', () => {
    const { missing } = renderDocument(() => <Html />, input, {})

    expect(missing).toEqual(['Head', 'Main', 'Scripts'])
  })
})
