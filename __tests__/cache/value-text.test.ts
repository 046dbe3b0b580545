import fc from 'fast-check'
import { isDeepStrictEqual } from 'node:util'
import { valueKey } from '../../lib/cache/key.js'
import { fromValueText, toKeyText, toValueText, UnwritableValueError } from '../../lib/cache/value-text.js'

/** Every kind of value that can be written, in each other, with keys and strings that look like the notation itself. */
const values = fc.letrec((self) => ({
  leaf: fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom('$', '{"$":["undefined"]}', '__proto__', '\ud800', ''),
    fc.double(),
    fc.constantFrom(-0, NaN, Infinity, -Infinity),
    fc.bigInt(),
    fc.boolean(),
    fc.constantFrom(null, undefined),
    fc.date({ noInvalidDate: false }),
    fc.uint8Array({ maxLength: 20 }),
    fc.uint8Array({ maxLength: 20 }).map((bytes) => Buffer.from(bytes)),
    fc.webUrl().map((url) => new URL(url)),
  ),
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    self('leaf'),
    fc.array(self('value'), { maxLength: 4 }),
    fc.dictionary(
      fc.oneof(fc.string(), fc.constantFrom('$', '__proto__', 'constructor', '1')),
      self('value'),
      {
        maxKeys: 4,
        noNullPrototype: true,
      },
    ),
    fc.array(fc.tuple(self('value'), self('value')), { maxLength: 3 }).map((pairs) => new Map(pairs)),
    fc.array(self('value'), { maxLength: 3 }).map((items) => new Set(items)),
  ),
})).value

describe('the text of a value', () => {
  it('reads back as the value it was, whatever that holds', () => {
    fc.assert(
      fc.property(values, (value) => {
        expect(isSame(fromValueText(toValueText(value)), value)).toBe(true)
        expect(isSame(fromValueText(toKeyText(value)), value)).toBe(true)
      }),
      { numRuns: 2_000 },
    )
  })

  it('is one text for one value and two texts for two, the order of keys aside', () => {
    fc.assert(
      fc.property(values, values, (one, other) => {
        expect(toKeyText(one) === toKeyText(other)).toBe(isSame(one, other))
        expect(toKeyText(structuredCopy(one))).toBe(toKeyText(one))
      }),
      { numRuns: 2_000 },
    )
    expect(toKeyText({ a: 1, b: { d: 1, c: 2 } })).toBe(toKeyText({ b: { c: 2, d: 1 }, a: 1 }))
    expect(toKeyText(new Map(Object.entries({ a: 1, b: 2 })))).not.toBe(
      toKeyText(new Map(Object.entries({ b: 2, a: 1 }))),
    )
  })

  const different: readonly unknown[] = [
    ...[0, -0, NaN, Infinity, -Infinity, '0', 0n, false, null, undefined, '', 'undefined', 'null'],
    ...[[], [[]], [undefined], [null], [0], ['0'], {}, { a: undefined }, { a: null }, { 0: 0 }],
    ...[new Date(0), new Date(NaN), '1970-01-01T00:00:00.000Z', new Map(), new Set(), new Set([0])],
    ...[
      new Map([[0, 0]]),
      [[0, 0]],
      Buffer.alloc(0),
      new Uint8Array(),
      Buffer.from('0'),
      new Uint8Array([48]),
    ],
    ...[new URL('http://a/'), 'http://a/', { $: 0 }, { $: ['undefined'] }, { $: ['object', { $: 0 }] }],
    ...['{"$":["undefined"]}', ['$', 0], 'a,b', ['a', 'b'], ['a,b'], [['a'], 'b'], ['a', ['b']]],
  ]

  it(`tells ${different.length} look-alikes apart`, () => {
    expect(new Set(different.map((value) => toKeyText([value]))).size).toBe(different.length)
    expect(new Set(different.map((value) => valueKey('f', toKeyText([value])))).size).toBe(different.length)
  })

  it('is plain JSON for plain JSON, in the order of its keys', () => {
    const value = { b: [1, 'two', null, { c: true }], a: -1.5 }
    expect(toValueText(value)).toBe(JSON.stringify(value))
  })

  class Account {
    id = 1
  }
  class Rows extends Array {}
  const circle: { self?: unknown } = {}
  circle.self = circle
  let deep: unknown = 0
  for (let level = 0; level < 600; level += 1) deep = [deep]

  it.each([
    [[{ user: new Account() }], '[0].user', 'an object of the class `Account`'],
    [[1, () => 1], '[1]', 'a function'],
    [[Symbol('s')], '[0]', 'a symbol'],
    [{ 'a b': Promise.resolve() }, '["a b"]', 'an object of the class `Promise`'],
    [new Map([['a', new WeakMap()]]), '.entries()[1]', 'an object of the class `WeakMap`'],
    [Object.assign(new Date(0), { zone: 'UTC' }), '', 'an object of the class `Date`'],
    [[new (class Day extends Date {})()], '[0]', 'an object of the class `Day`'],
    [[/a/, new Error('e')], '[0]', 'an object of the class `RegExp`'],
    // oxlint-disable-next-line no-sparse-arrays -- what is refused
    [[1, , 2], '', 'an array with gaps, or with properties of its own'],
    [Object.assign([1], { total: 2 }), '', 'an array with gaps, or with properties of its own'],
    [Rows.from([1]), '', 'an array with gaps, or with properties of its own'],
    [{ [Symbol('s')]: 1 }, '', 'a property whose name is a symbol'],
    [circle, '.self', 'itself, which would have no end'],
    [deep, '[0]'.repeat(500), 'more than 500 levels'],
    [new Float64Array(1), '', 'an object of the class `Float64Array`'],
    [Object(1), '', 'an object of the class `Number`'],
  ])('refuses what it could not give back: %#', (value, path, what) => {
    for (const write of [toValueText, toKeyText]) {
      expect(() => write(value)).toThrow(UnwritableValueError)
      expect(() => write(value)).toThrow(expect.objectContaining({ path, what }))
    }
  })
})

describe('the key of a result', () => {
  it('is short however long the arguments are, and tells them apart all the same', () => {
    const keys = ['a', 'b'].map((letter) => valueKey('load', toKeyText([letter.repeat(100_000)])))
    expect(new Set(keys).size).toBe(2)
    for (const key of keys) expect(key.length).toBeLessThan(100)
  })

  it('keeps names and arguments apart, and is no path', () => {
    const keys = [
      valueKey('a', '["b"]'),
      valueKey('a["b"]', '[]'),
      valueKey('a"', '["b"]'),
      valueKey('"a', '["b"]'),
    ]
    expect(new Set(keys).size).toBe(4)
    for (const key of keys) expect(key.startsWith('/')).toBe(false)
  })
})

/** Whether two values are the same to whoever uses them; `-0` is not `0`. */
function isSame(one: unknown, other: unknown): boolean {
  return isDeepStrictEqual(one, other) && toShape(one) === toShape(other)
}

/** The order of what has an order, and what URLs are: `isDeepStrictEqual` does not look at these. */
function toShape(value: unknown): string {
  if (value instanceof Map) return `map(${[...value].map((pair) => toShape(pair)).join()})`
  if (value instanceof Set) return `set(${[...value].map(toShape).join()})`
  if (Array.isArray(value)) return `[${value.map(toShape).join()}]`
  if (typeof value !== 'object' || value === null) return Object.is(value, -0) ? '-0' : String(value)
  if (value instanceof Date) return String(value.getTime())
  if (value instanceof URL || ArrayBuffer.isView(value)) return String(value)
  return `{${Object.keys(value)
    .sort()
    .map((name) => `${name}:${toShape((value as Record<string, unknown>)[name])}`)
    .join()}}`
}

function structuredCopy(value: unknown): unknown {
  return fromValueText(toValueText(value))
}
