import { setTimeout as pause } from 'node:timers/promises'
import { useConformanceSite } from '../support/conformance-site.js'
import { createControls } from '../support/controls.js'

const OWN_404 = { fallthrough: false }
const site = useConformanceSite('api-routes', { options: OWN_404 })
const { write, held, release } = createControls(site)

const JSON_TYPE = 'application/json; charset=utf-8'
const BYTES = 'application/octet-stream'

const get = (path: string, init: RequestInit = {}) =>
  fetch(site.url() + path, { redirect: 'manual', ...init })

describe('the response of an API route', () => {
  it.each([
    ['object', '{"é":1}'],
    ['null', 'null'],
    ['text', '"né"'],
    ['number', '7'],
    ['nothing', ''],
  ])('json() sends %s [11.12]', async (value, text) => {
    const answer = await get(`/api/values?json=${value}`)

    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, JSON_TYPE])
    expect(await answer.text()).toBe(text)
  })

  it('json() of a BigInt is a 500 [11.12]', async () => {
    await site.get('/api/values?json=big').expect(500, 'Internal Server Error')

    expect(site.takeErrors()).toEqual([expect.stringMatching(/BigInt/)])
  })

  it('status() can be followed by others [11.12]', async () => {
    await site.get('/api/called').expect(202, 'body')
    await site.get('/api/watched').expect(201, '1')
  })

  it.each([
    ['text', null, 'né'],
    ['object', JSON_TYPE, '{"é":1}'],
    ['list', JSON_TYPE, '[1]'],
    ['number', JSON_TYPE, '7'],
    ['boolean', JSON_TYPE, 'false'],
    ['bytes', BYTES, 'raw'],
    ['bytes&type=image/png', 'image/png', 'raw'],
    ['stream', BYTES, 'one two'],
    ['null', null, ''],
    ['nothing', null, ''],
  ])('send() sends %s [11.13]', async (value, type, text) => {
    const answer = await get(`/api/values?send=${value}`)

    expect([answer.status, answer.headers.get('content-type'), await answer.text()]).toEqual([
      200,
      type,
      text,
    ])
  })

  it.each(['send=text', 'json=text', 'send=object'])(
    'of %s has a validator and its length in bytes, and is 304 to those who have it [11.14]',
    async (query) => {
      const path = `/api/values?${query}`
      const first = await site.get(path).expect(200)
      expect(first.headers['content-length']).toBe(String(Buffer.byteLength(first.text)))
      const again = await site.get(path).set('If-None-Match', first.headers['etag']!).expect(304)
      expect(again.text).toBe('')
      const other = await site.get(path).set('If-None-Match', '"other"').expect(200)
      expect(other.text).toBe(first.text)
    },
  )

  it.each([204, 304])('with status %i has no body, whatever is sent [11.15]', async (status) => {
    for (const how of ['send=text', 'json=object']) {
      const answer = await get(`/api/values?${how}&type=text/plain&status=${status}`)
      expect([answer.status, await answer.text()]).toEqual([status, ''])
      for (const name of ['content-type', 'content-length', 'transfer-encoding'])
        expect([name, answer.headers.get(name)]).toEqual([name, null])
    }
  })

  it('redirects with 307, or the status that it is given [11.16]', async () => {
    const redirect = (...args: unknown[]) => site.post('/api/redirect').send(args).redirects(0)

    await redirect('/there?a=b').expect(307, '/there?a=b').expect('Location', '/there?a=b')
    await redirect(301, 'https://example.com/é').expect(301).expect('Location', 'https://example.com/%C3%A9')
    expect(site.takeErrors()).toEqual([])
    for (const args of [[], ['301', '/there'], [302], [{}]]) await redirect(...args).expect(500)
    expect(site.takeErrors()).toEqual(Array(4).fill(expect.stringMatching(/Invalid redirect arguments/)))
  })

  it('has what begins preview and what revalidates [11.17]', async () => {
    await site.get('/api/methods').expect(200, ['function', 'function', 'function', 'function'])
  })

  it("has Express's own methods again when the answer is sent, and in an error handler [11.18]", async () => {
    await site.get('/api/watched').expect(201)
    await site.get('/api/watched?to=/later').redirects(0).expect(307)
    // The server notes it when the answer has gone, which may be after it has arrived here.
    for (let looks = 0; looks < 200 && site.calls('after the answer').length < 2; looks += 1) await pause(10)
    expect(site.calls('after the answer')).toEqual([true, true])

    await site.restart({ options: { errors: 'next' } })
    await site.get('/api/watched?fail=1').redirects(0).expect(302).expect('Location', '/sorry?of-watched')
    expect(site.calls('in the error handler')).toEqual([true])
    expect(site.takeErrors()).toEqual(['Error: of-watched'])
    await site.restart()
  })

  it("uses what the app has put in the place of Express's methods [11.18]", async () => {
    const { body } = await site.get('/api/wrapped').expect(200)

    expect(body).toMatchObject({ data: { method: 'GET' } })
  })

  it('may be written by hand, and is held back by nobody [11.19]', async () => {
    await write('by-hand', { held: true })
    const answer = await get('/api/by-hand')
    const reader = answer.body!.getReader()
    const read = async () => Buffer.from((await reader.read()).value ?? []).toString()

    const first = await read()
    await held('by-hand')
    // The second event has not even been written.
    expect([answer.status, answer.headers.get('x-own'), first]).toEqual([203, 'yes', 'data: 1\n\n'])
    await release('by-hand')
    expect(await read()).toBe('data: 2\n\n')
    expect((await reader.read()).done).toBe(true)
    await site.get('/api/ended').expect(200, 'ended')
  })

  it('says nothing of caching, nor of what powers it [11.20]', async () => {
    for (const path of ['/api/echo', '/api/values?send=text', '/api/ended']) {
      const { headers } = await get(path)
      expect(headers.get('cache-control')).toBeNull()
      expect(headers.get('x-powered-by')).toBeNull()
    }
  })
})
