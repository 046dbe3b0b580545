import { setFlagsFromString } from 'node:v8'
import { runInThisContext } from 'node:vm'
import { loadServerProps } from '../../lib/server/data.js'
import type { Warnings } from '../../lib/server/warnings.js'

const warnings: Warnings = { warn() {}, once() {} }
const context = { res: { headersSent: false } } as never
const caller = { file: 'pages/post.js', url: '/post', checksProps: false, warnings }

/** Whether V8 takes two objects for the same kind, so that code which has met one knows the other. */
function toShapeTest(): (one: unknown, other: unknown) => boolean {
  setFlagsFromString('--allow-natives-syntax')
  return runInThisContext('(one, other) => %HaveSameMap(one, other)') as ReturnType<typeof toShapeTest>
}

describe('props with `serverOnly`', () => {
  it('are of one shape in all requests', async () => {
    const haveSameShape = toShapeTest()
    const load = async (text: string) => {
      const page = { getServerSideProps: () => ({ props: { id: 1 }, serverOnly: { html: text, toc: text } }) }
      return ((await loadServerProps(page as never, context, caller)) as { props: object }).props
    }
    // V8 takes shortcuts in what has run often.
    for (let run = 0; run < 2000; run++) await load('text')
    const [one, other] = [await load('one'), await load('other')]
    expect(one).toEqual({ id: 1, html: 'one', toc: 'one' })
    expect(haveSameShape(one, other)).toBe(true)
  })

  it('keep a name that JSON can have and objects cannot be given', async () => {
    const serverOnly: unknown = JSON.parse('{ "__proto__": { "isAdmin": true } }')
    const page = { getServerSideProps: () => ({ props: { id: 1 }, serverOnly }) }
    const result = await loadServerProps(page as never, context, caller)
    const { props } = result as { props: { isAdmin?: boolean } }
    expect([JSON.stringify(props), props.isAdmin]).toEqual([
      '{"id":1,"__proto__":{"isAdmin":true}}',
      undefined,
    ])
  })
})
