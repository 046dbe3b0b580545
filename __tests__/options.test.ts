import { availableParallelism, tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import express from 'express'
import request from 'supertest'
import { pages, type PagesOptions } from 'pagepress'
import { resolveOptions } from '../lib/options.js'
import { failOnConsole, takeConsole } from './support/console.js'

failOnConsole()

/** What the options that somebody passes lead to, as far as types let them. */
const refuse = (options: unknown) => () => pages(options as PagesOptions)

describe('the options of pages()', () => {
  it('are all optional', () => {
    const cores = availableParallelism()

    expect(resolveOptions()).toMatchObject({
      root: process.cwd(),
      pagesDir: undefined,
      publicDir: resolve('public'),
      outDir: resolve('.pagepress'),
      dev: true,
      fallthrough: true,
      errors: 'render',
      compress: true,
      cache: { maxBytes: 64 * 1024 * 1024 },
      limits: {
        entryBytes: 8 * 1024 * 1024,
        notFoundEntries: 1000,
        renders: 4 * cores,
        refreshes: 2 * cores,
        queue: 1000,
        timeoutMs: 30_000,
        pathLength: 2048,
      },
      vite: undefined,
    })
  })

  it('name folders below the root, or anywhere', () => {
    const root = resolve('/site')

    expect(
      resolveOptions({ root: '/site', pagesDir: 'app', publicDir: resolve('/files'), outDir: 'out' }),
    ).toMatchObject({
      root,
      pagesDir: join(root, 'app'),
      publicDir: resolve('/files'),
      outDir: join(root, 'out'),
    })
  })

  it('are for production when NODE_ENV says so, unless dev says otherwise', () => {
    const before = process.env.NODE_ENV
    try {
      process.env.NODE_ENV = 'production'
      expect(resolveOptions().dev).toBe(false)
      expect(resolveOptions({ dev: true }).dev).toBe(true)
      process.env.NODE_ENV = 'staging'
      expect(resolveOptions().dev).toBe(true)
    } finally {
      process.env.NODE_ENV = before
    }
  })

  it('cannot be changed afterwards', () => {
    const settings = resolveOptions()

    for (const part of [settings, settings.limits, settings.cache]) expect(Object.isFrozen(part)).toBe(true)
  })

  it.each([
    [null, /takes an object of options, but it was given null/],
    ['./site', /was given "\.\/site"/],
    [[], /was given an array/],
    [{ pageDir: 'x' }, /no option `pageDir`\. Known are .*`pagesDir`/],
    [{ cache: { maxByte: 1 } }, /no option `cache\.maxByte`\. Known are `cache\.maxBytes`, `cache\.store`/],
    [{ limits: { render: 1 } }, /no option `limits\.render`\. Known are .*`limits\.renders`/],
    [{ root: '' }, /`root` .* is "", but it must be a path/],
    [{ root: 5 }, /`root` .* is 5, but it must be a path/],
    [{ pagesDir: [] }, /`pagesDir` .* is an array/],
    [{ publicDir: false }, /`publicDir` .* is false/],
    [{ outDir: {} }, /`outDir` .* is an object/],
    [{ dev: 'yes' }, /`dev` .* is "yes", but it must be `true` or `false`/],
    [{ fallthrough: 1 }, /`fallthrough` .* is 1/],
    [{ compress: null }, /`compress` .* is null/],
    [{ errors: 'throw' }, /`errors` .* is "throw", but it must be 'render' or 'next'/],
    [{ onError: 'log' }, /`onError` .* is "log", but it must be a function/],
    [{ cache: 5 }, /`cache` .* is 5, but it must be an object/],
    [{ limits: null }, /`limits` .* is null, but it must be an object/],
    [{ vite: 'vite.config.ts' }, /`vite` .* is "vite\.config\.ts", but it must be an object/],
    [{ limits: { queue: -1 } }, /`limits\.queue` .* is -1, but it must be a whole number from 0/],
    [{ limits: { renders: 0 } }, /`limits\.renders` .* is 0, but it must be a whole number from 1/],
    [{ limits: { timeoutMs: 2 ** 31 } }, /`limits\.timeoutMs` .*from 1 to 2147483647/],
  ])('%o throw, and the message says what is wrong', (options, message) => {
    expect(refuse(options)).toThrow(message)
    expect(refuse(options)).toThrow(expect.objectContaining({ code: 'PAGES_OPTION' }))
  })

  const numbers = [
    'entryBytes',
    'notFoundEntries',
    'renders',
    'refreshes',
    'queue',
    'timeoutMs',
    'pathLength',
  ]
  const wrong = [NaN, '10mbb', -1, Infinity, {}, '', 1.5, null, true, 1n]

  it.each(numbers)('limits.%s takes nothing but a whole number [S92]', (name) => {
    for (const value of wrong) expect(refuse({ limits: { [name]: value } })).toThrow(`\`limits.${name}\``)
  })

  it('cache.maxBytes takes nothing but a whole number [S92]', () => {
    for (const value of wrong) expect(refuse({ cache: { maxBytes: value } })).toThrow('`cache.maxBytes`')
    expect(resolveOptions({ cache: { maxBytes: 0 } }).cache.maxBytes).toBe(0)
  })
})

describe('a missing or damaged build', () => {
  let root: string

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'pagepress-'))
  })

  afterEach(() => {
    rmSync(root, { recursive: true })
  })

  /** The reason that requests, `ready()` and `onError` are told. */
  async function reasonOf(): Promise<string> {
    const heard: unknown[] = []
    const site = pages({ root, dev: false, onError: (error, info) => heard.push([error, info]) })
    const app = express()
    app.use(site)
    app.use(
      ((error: Error, _req, res, _next) =>
        void res.status(500).send(error.message)) as express.ErrorRequestHandler,
    )

    await expect(site.ready()).rejects.toThrow()
    const { text } = await request(app).get('/').expect(500)
    expect(heard).toEqual([[expect.objectContaining({ message: text }), { phase: 'start' }]])
    await site.close()
    return text
  }

  function writeManifest(text: string): void {
    mkdirSync(join(root, '.pagepress'))
    writeFileSync(join(root, '.pagepress', 'manifest.json'), text)
  }

  it('is an error that names the folder and the command [21.05]', async () => {
    expect(await reasonOf()).toBe(
      `Could not find a production build in ${join(root, '.pagepress')}. Run \`pagepress build\` first, or set NODE_ENV=development to work without one.`,
    )
  })

  it.each(['', '{', 'null', '[]', '{"format":0}', '{"format":1,"buildId":5}'])(
    'with the manifest %j is an error that asks for another build',
    async (manifest) => {
      writeManifest(manifest)

      expect(await reasonOf()).toMatch(
        /^The build in .*\.pagepress (has a damaged manifest|was made by another version).*Run `pagepress build` again\.$/,
      )
    },
  )

  it('is logged where there is no onError', async () => {
    const site = pages({ root, dev: false })

    await expect(site.ready()).rejects.toMatchObject({ code: 'PAGES_BUILD_MISSING' })
    expect(takeConsole().join('\n')).toMatch(/^pagepress: start failed:.*Could not find a production build/s)
  })
})
