import { renderToStaticMarkup } from 'react-dom/server'
import { App, type AppContext, type AppProps } from '../../lib/react/app.js'

const context = (getInitialProps?: () => unknown) =>
  ({
    Component: Object.assign(() => null, getInitialProps && { getInitialProps }),
    ctx: {},
  }) as unknown as AppContext

describe('the default App', () => {
  it('renders the page with its props [20.10]', () => {
    const Page = ({ a }: { a: number }) => <p>{a}</p>
    const props = { Component: Page, pageProps: { a: 1 } } as unknown as AppProps
    expect(renderToStaticMarkup(<App {...props} />)).toBe('<p>1</p>')
  })

  it('asks the page for its initial props [20.10]', async () => {
    expect(await App.getInitialProps(context(() => ({ a: 1 })))).toEqual({ pageProps: { a: 1 } })
    expect(await App.getInitialProps(context())).toEqual({ pageProps: {} })
  })

  it('passes nothing on to a class without its own, so that pages stay static', () => {
    class MyApp extends App {}
    expect(MyApp.getInitialProps).toBeUndefined()
  })

  it('can be called by a class with its own, however that is defined', async () => {
    class ByMethod extends App {
      static override async getInitialProps(app: AppContext) {
        return { ...(await super.getInitialProps(app)), own: await App.getInitialProps(app) }
      }
    }
    const props = { pageProps: { a: 1 } }
    expect(await ByMethod.getInitialProps(context(() => ({ a: 1 })))).toEqual({ ...props, own: props })
    class ByAssignment extends App {}
    const assigned = async () => props
    ByAssignment.getInitialProps = assigned
    expect(ByAssignment.getInitialProps).toBe(assigned)
    expect(App.getInitialProps).not.toBe(assigned)
  })
})
