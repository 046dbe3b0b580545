import { jest } from '@jest/globals'
import { lazy, Suspense, type ReactElement } from 'react'
import { createTreeRenderer } from '../../lib/server/render.js'
import { failOnConsole } from '../support/console.js'

failOnConsole()

/** A component that is there a moment later. */
const createLater = (text = 'later') => lazy(async () => ({ default: () => <p>{text}</p> }))

function setUp() {
  const renderer = createTreeRenderer(10_000)
  const beginAgain = jest.fn()
  const finish = jest.fn((html: string) => html)
  const render = (tree: ReactElement, route = '/p') => renderer.render(tree, { route, beginAgain, finish })
  return { render, beginAgain, finish }
}

function Broken(): never {
  throw new Error('broken')
}

describe('the tree renderer', () => {
  it('renders at once what does not suspend', async () => {
    const { render, beginAgain, finish } = setUp()

    expect(await render(<h1>now</h1>)).toBe('<h1>now</h1>')
    expect(beginAgain).not.toHaveBeenCalled()
    expect(finish).toHaveBeenCalledTimes(1)
  })

  it.each([
    ['inside of a boundary', true],
    ['outside of any boundary', false],
  ])('waits for what suspends %s, and begins again once', async (_where, hasBoundary) => {
    const { render, beginAgain } = setUp()
    const Later = createLater()

    const html = await render(hasBoundary ? <Suspense fallback="wait">{<Later />}</Suspense> : <Later />)

    expect(html).toContain('<p>later</p>')
    expect(html).not.toContain('wait')
    expect(html).not.toContain('<script')
    expect(beginAgain).toHaveBeenCalledTimes(1)
  })

  it('knows a route that has suspended, and no other', async () => {
    const { render, beginAgain } = setUp()
    const wrap = (Later: ReturnType<typeof createLater>) => (
      <Suspense>
        <Later />
      </Suspense>
    )
    await render(wrap(createLater()), '/a')
    await render(wrap(createLater()), '/a')
    expect(beginAgain).toHaveBeenCalledTimes(1)

    await render(wrap(createLater()), '/b')
    expect(beginAgain).toHaveBeenCalledTimes(2)
  })

  it('sends large boundaries in order, without scripts that move them', async () => {
    const { render } = setUp()
    const Later = createLater('x'.repeat(50_000))

    const html = await render(
      <main>
        <Suspense fallback="wait">
          <Later />
        </Suspense>
        <p>end</p>
      </main>,
    )

    expect(html).not.toMatch(/<script|hidden|<template/)
    expect(html.indexOf('xxx')).toBeLessThan(html.indexOf('end'))
  })

  it.each<[string, ReactElement]>([
    ['outside of any boundary', <Broken key="x" />],
    [
      'inside of a boundary, whose fallback would else stay for ever',
      <Suspense key="x" fallback="wait">
        <Broken />
      </Suspense>,
    ],
  ])('fails when a component fails %s', async (_where, tree) => {
    const { render } = setUp()

    await expect(render(tree)).rejects.toThrow('broken')
  })

  it('fails when a component fails after something suspended', async () => {
    const { render } = setUp()
    const Later = lazy(async () => ({ default: Broken }))

    await expect(render(<Later />)).rejects.toThrow('broken')
    await expect(
      render(
        <Suspense fallback="wait">
          <Later />
        </Suspense>,
      ),
    ).rejects.toThrow('broken')
  })

  it('takes text of a page for what it is, though it looks like a mark of React', async () => {
    const { render, beginAgain } = setUp()

    expect(await render(<p title="<!--$!-->">{'<!--$?-->'}</p>)).toBe(
      '<p title="&lt;!--$!--&gt;">&lt;!--$?--&gt;</p>',
    )
    expect(beginAgain).not.toHaveBeenCalled()
  })
})
