import { useConformanceSite } from '../support/conformance-site.js'

const site = useConformanceSite('server-props')

describe('the context of getServerSideProps', () => {
  it('has req, res, query and resolvedUrl, and no params on a static path [2.01]', async () => {
    const { payload } = await site.page('/context?another=thing')

    expect(payload.props.pageProps).toMatchObject({
      keys: ['query', 'req', 'res', 'resolvedUrl', 'signal'],
      query: { another: 'thing' },
      params: null,
    })
    expect(site.calls('context')).toEqual(['/context?another=thing'])
  })
})
