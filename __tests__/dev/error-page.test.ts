import { renderErrorPage } from '../../lib/dev/error-page.js'

const root = process.cwd()
const render = (error: unknown, basePath = '') => renderErrorPage(error, { root, basePath, changes: 0 })
const attack = '</title></style><script>alert(1)</script><img src=x onerror=alert(1)>"\'&'

describe('the page that shows an error in development', () => {
  it('shows kind, message, place, the lines around it, and the stack', () => {
    const html = render(new TypeError('no such thing'))
    expect(html).toContain('<title>TypeError: no such thing</title>')
    expect(html).toMatch(/<h1>no such thing<\/h1>/)
    expect(html).toMatch(/__tests__\/dev\/error-page\.test\.ts:\d+:\d+/)
    expect(html).toMatch(/<mark>&gt; +\d+ \| .*new TypeError\(&#39;no such thing&#39;\).*\n +\^<\/mark>/)
    expect(html).toContain('<h2>Stack</h2>')
  })

  it('escapes whatever an error carries', () => {
    const error = Object.assign(new Error(attack), {
      name: attack,
      frame: attack,
      stack: `${attack}\n    at ${attack} (${attack}:1:1)`,
    })
    for (const html of [
      render(error),
      render(attack),
      render({ message: attack, name: attack, stack: attack }),
    ]) {
      expect(html).not.toContain('<script>alert')
      expect(html).not.toContain('<img')
      expect(html.match(/<script/g)).toHaveLength(2)
      expect(html.match(/<\/title>/g)).toHaveLength(1)
    }
    expect(render(new Error('x'), '/a"><script>alert(1)</script>')).not.toContain('<script>alert')
  })

  it.each([null, undefined, 0, 'text', Symbol('x'), Object.create(null), () => {}])(
    'shows that %p was thrown',
    (thrown) => {
      const html = render(thrown)
      expect(html).toContain('was thrown, which is no Error.')
      expect(html).toContain('</html>')
    },
  )

  it('shows the place and the frame that a compiler gives', () => {
    const error = Object.assign(new Error('unexpected'), {
      id: `${root}/pages/x.tsx?v=1`,
      loc: { line: 3, column: 7 },
      frame: '3 | <p',
    })
    const html = render(error)
    expect(html).toContain('pages/x.tsx:3:7')
    expect(html).toContain('3 | &lt;p')
  })

  it('shows the first of the errors that a bundler gathers, without the colours of a terminal', () => {
    const file = `${root}/__tests__/dev/error-page.test.ts`
    const drawn = '\x1b[31m[PARSE_ERROR] \x1b[0mExpected a tag.\n  \x1b[38;5;246m╭─\x1b[0m\n'
    const error = Object.assign(new Error(`Transform failed with 1 error:\n\n${drawn}`), {
      id: file,
      errors: [Object.assign(new Error(drawn), { loc: { file, line: 1, column: 9 } })],
    })
    const html = render(error)
    expect(html).toContain('<h1>Expected a tag.</h1>')
    expect(html).toContain('__tests__/dev/error-page.test.ts:1:10')
    expect(html).toMatch(/<mark>&gt; 1 \| import \{ renderErrorPage/)
    expect(html).not.toContain('\x1b')
    expect(render(new Error(drawn))).not.toContain('\x1b')
  })

  it('has no inline script, so that it shows under a strict policy, and its modules below the mount path', () => {
    const html = render(new Error('x'), '/shop')
    const scripts = [...html.matchAll(/<script[^>]*>([^<]*)<\/script>/g)]
    expect(scripts).toHaveLength(2)
    for (const [tag, code] of scripts) {
      expect(tag).toContain('src="/shop/_assets/@')
      expect(code).toBe('')
    }
  })

  it('shows an error whose file is gone, and one without a stack', () => {
    const gone = Object.assign(new Error('gone'), {
      stack: `Error: gone\n    at f (${root}/no/such/file.ts:3:1)`,
    })
    expect(render(gone)).toContain('no/such/file.ts:3:1')
    expect(render(Object.assign(new Error('bare'), { stack: undefined }))).toContain('<h1>bare</h1>')
  })
})
