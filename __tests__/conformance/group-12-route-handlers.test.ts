import { setTimeout as pause } from 'node:timers/promises'
import { useConformanceSite } from '../support/conformance-site.js'
import { createControls } from '../support/controls.js'

const site = useConformanceSite('route-handlers', { options: { fallthrough: false } })
const { write, held, release } = createControls(site)

const ask = (path: string, init: RequestInit = {}) =>
  fetch(site.url() + path, { redirect: 'manual', ...init })
const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS']

/** Waits until the server has noted so many values. */
async function noted(name: string, count: number): Promise<unknown[]> {
  for (let tries = 0; tries < 500 && site.calls(name).length < count; tries++) await pause(10)
  return site.calls(name)
}

describe('a route handler', () => {
  it.each(METHODS)(
    'answers %s with the export of that name, called with the request and params [12.01]',
    async (method) => {
      const answer = await ask('/x/a%20b/c/d', { method })

      expect([answer.status, await answer.text()]).toEqual([200, method === 'HEAD' ? '' : method])
      const params = { id: 'a b', rest: ['c', 'd'] }
      expect(JSON.parse(answer.headers.get('x-told')!)).toEqual([method, true, params, params])
    },
  )

  it('has no params on a route without parameters [12.01]', async () => {
    expect(await (await ask('/plain')).json()).toEqual({})
  })

  it('gets a standard request, with an absolute URL, headers, and a body in every form [12.02]', async () => {
    const echo = async (path: string, init: RequestInit) =>
      (await (await ask(path, { method: 'POST', ...init })).json()) as object
    expect(await echo('/echo?as=json&q=%C3%A9', { body: '{"a":1}', headers: { 'X-A': 'b' } })).toEqual({
      isRequest: true,
      url: `${site.url()}/echo?as=json&q=%C3%A9`,
      header: 'b',
      body: { a: 1 },
      copied: 7,
    })
    const form = new FormData()
    form.set('name', 'Ada')
    expect(await echo('/echo?as=form', { body: form })).toMatchObject({ body: [['name', 'Ada']] })
    expect(await echo('/echo?as=text', { body: 'né' })).toMatchObject({ body: 'né' })
    expect(await (await ask('/echo?a')).json()).toEqual({
      url: `${site.url()}/echo?a`,
      body: null,
      isAborted: false,
    })
  })

  it('gets a body piece by piece, as the client sends it [12.02]', async () => {
    let seen: unknown[] = []
    const body = new ReadableStream({
      async start(controller) {
        controller.enqueue(new Uint8Array(10))
        // The handler has the first piece before the second one is there.
        seen = await noted('chunk', 1)
        controller.enqueue(new Uint8Array(20))
        controller.close()
      },
    })
    const answer = await ask('/upload', { method: 'POST', body, duplex: 'half' } as RequestInit)

    expect(await answer.text()).toBe('read')
    expect(seen).toEqual([10])
    expect(site.calls('chunk')).toEqual([10, 20])
  })

  it('hears through the signal of its request that the client has left [12.02]', async () => {
    const left = new AbortController()
    const asked = ask('/slow', { signal: left.signal }).catch((error: Error) => error.name)
    expect(await noted('slow', 1)).toEqual(['begun'])
    left.abort()

    expect(await asked).toBe('AbortError')
    expect(await noted('slow', 2)).toEqual(['begun', 'aborted'])
  })

  it('answers HEAD with what GET answers, without a body [12.03]', async () => {
    await write('stream', {})
    const got = await ask('/stream')
    const { status, headers, ...head } = await ask('/stream', { method: 'HEAD' }).then(async (answer) => ({
      status: answer.status,
      headers: answer.headers,
      text: await answer.text(),
    }))

    expect([status, headers.get('x-own'), head.text]).toEqual([got.status, got.headers.get('x-own'), ''])
    expect([status, headers.get('x-own')]).toEqual([203, 'yes'])
    expect(await got.text()).toBe('one two')
  })

  it('answers OPTIONS with its methods, in alphabetical order, unless it has its own [12.04]', async () => {
    const options = async (path: string) => {
      const answer = await ask(path, { method: 'OPTIONS' })
      return [answer.status, answer.headers.get('allow'), await answer.text()]
    }
    expect(await options('/two')).toEqual([204, 'GET, HEAD, OPTIONS, POST', ''])
    expect(await options('/delete')).toEqual([204, 'DELETE, OPTIONS', ''])
    expect(await options('/options')).toEqual([200, 'X', 'mine'])
  })

  it('answers 405 to a method that it does not have, and 400 to what is none [12.05]', async () => {
    for (const method of ['PUT', 'PATCH', 'DELETE']) {
      const answer = await ask('/two', { method })
      expect([answer.status, await answer.text()]).toEqual([405, ''])
      expect(answer.headers.get('allow')).toBe('GET, HEAD, OPTIONS, POST')
    }
    const unknown = await ask('/two', { method: 'PROPFIND' })
    expect([unknown.status, await unknown.text()]).toEqual([400, ''])
  })

  it('that throws is a 500 with nothing in it, of which onError hears [12.06]', async () => {
    for (const method of ['GET', 'POST']) {
      const answer = await ask('/fails', { method })
      expect([answer.status, await answer.text()]).toEqual([500, ''])
    }
    expect(site.takeErrors()).toEqual(['Error: a secret', 'Error: a secret'])
  })

  it('that returns no response is a 500, and the message names its file [12.07]', async () => {
    for (const method of ['GET', 'POST']) {
      const answer = await ask('/nothing', { method })
      expect([answer.status, await answer.text()]).toEqual([500, ''])
    }
    expect(site.takeErrors()).toEqual([
      expect.stringMatching(
        /No response is returned from the route handler `pages\/nothing\.js`: `GET` returned undefined/,
      ),
      expect.stringMatching(/`pages\/nothing\.js`: `POST` returned an object/),
    ])
  })

  it('ends with redirect, permanentRedirect and notFound [12.08]', async () => {
    const end = async (path: string) => {
      const answer = await ask(path)
      return [answer.status, answer.headers.get('location'), await answer.text()]
    }
    expect(await end('/ends?to=/x')).toEqual([307, '/x', ''])
    expect(await end('/ends?to=https://other.example/z')).toEqual([307, 'https://other.example/z', ''])
    expect(await end('/ends?to=/x&permanent')).toEqual([308, '/x', ''])
    expect(await end('/ends')).toEqual([404, null, ''])
  })

  it('answers JSON, and several cookies that stay several, beside those of the app [12.09]', async () => {
    const answer = await ask('/json')

    expect([answer.status, answer.headers.get('content-type')]).toEqual([201, 'application/json'])
    expect(await answer.json()).toEqual({ é: 1 })
    expect(answer.headers.getSetCookie()).toEqual(['session=s', 'a=1; Path=/', 'b=2, 3'])
  })

  it('streams its answer, chunk by chunk [12.09]', async () => {
    await write('stream', { held: true })
    const reader = (await ask('/stream')).body!.getReader()
    const read = async () => Buffer.from((await reader.read()).value ?? []).toString()

    expect(await read()).toBe('one ')
    await held('stream')
    await release('stream')
    expect(await read()).toBe('two')
    expect((await reader.read()).done).toBe(true)
  })

  it('has nothing of the request with force-static, and is run by the build alone [12.12]', async () => {
    const answer = await ask('/forced?a=1', { headers: { Cookie: 'a=b', 'X-Y': 'z' } })

    expect(await answer.json()).toEqual({ pathname: '/forced', search: '', headers: [], cookie: null })
    expect(answer.headers.get('cache-status')).toBe('pagepress; hit')
    expect(site.builtWith('forced')).toHaveLength(1)
    expect(site.calls('forced')).toEqual([])
  })

  it('is run for each request with force-dynamic, although it lists its paths [12.12]', async () => {
    for (const search of ['?a=1', '?a=2'])
      expect(await (await ask(`/live/1${search}`, { headers: { Cookie: 'a=b' } })).json()).toEqual([
        search,
        'a=b',
      ])
    expect(site.builtWith('live')).toEqual([])
    expect(site.calls('live')).toEqual(['?a=1', '?a=2'])
  })
})

describe('a route handler behind a parser', () => {
  it.each([
    ['application/json', '{"a":[1,"é"]}', '{"a":[1,"é"]}'],
    ['application/vnd.api+json', '{"b":2}', '{"b":2}'],
    ['application/x-www-form-urlencoded', 'a=1&a=2&b[c]=%C3%A9', '[["a","1"],["a","2"],["b[c]","é"]]'],
    ['application/octet-stream', 'abc', '"616263"'],
  ])('reads a body that is rebuilt: %s [12.15]', async (type, body, expected) => {
    const answer = await ask('/body', { method: 'POST', body, headers: { 'Content-Type': type } })

    expect([answer.status, await answer.text()]).toEqual([200, expected])
  })

  it('gets an error where a body cannot be rebuilt, and never waits for it [12.15]', async () => {
    const form = new FormData()
    form.set('a', '1')
    const answer = await ask('/drained', { method: 'POST', body: form })

    expect([answer.status, await answer.text()]).toEqual([500, ''])
    expect(site.takeErrors()).toEqual([
      expect.stringMatching(
        /`pages\/drained\.js` reads a body \(multipart\/form-data.*middleware of the app has read/,
      ),
    ])
    expect(await (await ask('/drained', { method: 'PUT', body: form })).text()).toBe('not read')
  })
})
