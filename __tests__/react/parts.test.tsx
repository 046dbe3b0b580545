import { renderToStaticMarkup } from 'react-dom/server'
import { dynamic, ErrorPage, Script } from '../../lib/react/index.js'

describe('Script on the server', () => {
  it('renders nothing, unless it is to run before the page', () => {
    expect(renderToStaticMarkup(<Script src="/a.js" />)).toBe('')
    expect(renderToStaticMarkup(<Script src="/a.js" strategy="lazyOnload" />)).toBe('')
    expect(renderToStaticMarkup(<Script src="/a.js" strategy="beforeInteractive" async />)).toBe(
      '<script src="/a.js" async="" data-nscript="beforeInteractive"></script>',
    )
    expect(
      renderToStaticMarkup(
        <Script id="i" strategy="beforeInteractive">
          {'a < b && "c"'}
        </Script>,
      ),
    ).toBe('<script id="i" data-nscript="beforeInteractive">a < b && "c"</script>')
  })

  it('without a source needs an id', () => {
    expect(() => renderToStaticMarkup(<Script>{'1'}</Script>)).toThrow(/needs an `id`/)
  })

  it('refuses a strategy that it does not have, and says which there are', () => {
    expect(() => renderToStaticMarkup(<Script src="/a.js" strategy={'worker' as never} />)).toThrow(
      /strategy="worker"> is not supported. Use "afterInteractive" or "lazyOnload"/,
    )
  })
})

describe('dynamic', () => {
  it('needs a loader', () => {
    expect(() => dynamic({})).toThrow('without a loader')
  })
})

describe('ErrorPage', () => {
  const text = (html: string) => html.replaceAll(/<[^>]*>/g, ' ')

  it.each([
    [400, 'Bad Request'],
    [404, 'This page could not be found'],
    [405, 'Method Not Allowed'],
    [500, 'Internal Server Error'],
    [418, 'An unexpected error has occurred'],
  ])('says what status %i means', (statusCode, words) => {
    expect(text(renderToStaticMarkup(<ErrorPage statusCode={statusCode} />))).toMatch(
      new RegExp(`${statusCode}.*${words}`),
    )
  })

  it('takes another text, and follows dark mode unless told not to', () => {
    const html = renderToStaticMarkup(<ErrorPage statusCode={410} title="Gone" withDarkMode={false} />)
    expect(text(html)).toMatch(/410.*Gone/)
    expect(html).toContain('class="pagepress-error pagepress-light"')
    expect(renderToStaticMarkup(<ErrorPage statusCode={410} />)).toContain('class="pagepress-error"')
  })

  it('knows its status by the response, then by the error, and is a 404 otherwise', () => {
    const error = Object.assign(new Error(), { statusCode: 418 })
    expect(ErrorPage.getInitialProps({ res: { statusCode: 405 } as never, err: error })).toEqual({
      statusCode: 405,
    })
    expect(ErrorPage.getInitialProps({ err: error })).toEqual({ statusCode: 418 })
    expect(ErrorPage.getInitialProps({ err: new Error() })).toEqual({ statusCode: undefined })
    expect(ErrorPage.getInitialProps({})).toEqual({ statusCode: 404 })
  })
})
