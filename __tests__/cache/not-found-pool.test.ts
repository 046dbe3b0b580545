import { toCached } from '../../lib/cache/cached-page.js'
import { createNotFoundPool } from '../../lib/cache/not-found-pool.js'
import { createNotFoundEntry } from '../support/entries.js'

const found = (renderedAt = 1_000, more: object = {}) => {
  const page = toCached({ ...createNotFoundEntry(renderedAt), ...more }, '')
  if (page.type !== 'not-found') throw new Error(page.type)
  return page
}

describe('the pool of "not found" results', () => {
  it('gives back what was put in, whatever its origin', () => {
    const pool = createNotFoundPool(1_000)
    const pages = new Map([
      ['/error', found(1)],
      ['/p/a', found(2, { origin: { route: '/p/[id]', path: '/p/a', tags: [] } })],
      ['/shop\0/p/a', found(3, { origin: { route: '/p/[id]', path: '/p/a', tags: [] } })],
      ['/p/b', found(4, { origin: { route: '/p/[id]', path: '/p/b', tags: ['t'] } })],
      ['/p/c;v', found(5, { origin: { route: '/p/[id]', path: '/p/c', tags: [] } })],
      ['/p/d', found(6, { origin: { route: '/p/[id]', path: '/p/d', isByQuery: true, tags: [] } })],
      ['/p/e', found(7, { freshUntil: 12.5 })],
      ['/p/f', found(8, { staleAt: Infinity, expiresAt: Infinity })],
    ])
    for (const [name, page] of pages) pool.set(name, page)
    for (const [name, page] of pages) {
      expect(pool.peek(name)).toEqual(page)
      expect(pool.get(name)).toEqual(page)
    }
    expect(pool.size).toBe(pages.size)
  })

  it('keeps those used last, each once, as a plain list of them would', () => {
    const pool = createNotFoundPool(100)
    let model: [string, number][] = []
    for (let step = 0; step < 20_000; step += 1) {
      const name = `/${Math.floor(Math.random() * 300)}`
      const kept = model.find(([one]) => one === name)
      const others = model.filter(([one]) => one !== name)
      const action = Math.random()
      if (action < 0.4) {
        pool.set(name, found(step))
        model = [...others, [name, step] as [string, number]].slice(-100)
      } else if (action < 0.8) {
        expect(pool.get(name)?.renderedAt).toBe(kept?.[1])
        if (kept) model = [...others, kept]
      } else if (action < 0.9) expect(pool.peek(name)?.renderedAt).toBe(kept?.[1])
      else if (action < 0.9995) {
        pool.delete(name)
        model = others
      } else {
        pool.clear()
        model = []
      }
      expect(pool.size).toBe(model.length)
    }
    for (const [name, renderedAt] of model) expect(pool.peek(name)?.renderedAt).toBe(renderedAt)
  })
})
