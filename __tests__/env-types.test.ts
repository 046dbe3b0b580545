import { existsSync } from 'node:fs'
import { mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { writeEnvTypes } from '../lib/build/env-types.js'
import { startHost } from './support/host.js'
import {
  buildProject,
  createProject,
  removeProject,
  repository,
  runNode,
} from './support/installed-project.js'

const NAME = 'pagepress-env.d.ts'
const REFERENCE = '/// <reference types="pagepress/env" />\n'

const home = { 'pages/index.tsx': 'export default function Home() { return <h1>Home</h1> }\n' }

const folders: string[] = []
afterAll(async () => {
  for (const folder of folders) await removeProject(folder)
})

async function create(
  files: Readonly<Record<string, string>>,
  packages: Readonly<Record<string, string>> = {},
) {
  const folder = await createProject({ files, packages })
  folders.push(folder)
  return folder
}

describe('the declarations of a project', () => {
  const source = `
import classes from './page.module.css'
import photo from './photo.jpg'
import drawing from './drawing.svg'
import './global.css'
type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
declare function isTrue<T extends true>(): void
isTrue<Equal<typeof classes, { readonly [name: string]: string }>>()
isTrue<Equal<typeof photo, string>>()
isTrue<Equal<typeof drawing, string>>()
isTrue<Equal<typeof process.env.NODE_ENV, 'development' | 'production' | 'test'>>()
export const key: string | undefined = process.env['API_KEY']
export const title: string | undefined = classes['title']
// @ts-expect-error a class is read, not written
classes['title'] = 'other'
// @ts-expect-error the mode is not written
process.env.NODE_ENV = 'test'
// @ts-expect-error no such mode
export const isOther = process.env.NODE_ENV === 'staging'
// @ts-expect-error no kind of file that is understood
import sheet from './sheet.xls'
export { sheet }
`
  const next = `
import type { GetStaticProps, NextPage } from 'next'
import App, { type AppProps, type NextWebVitalsMetric } from 'next/app'
import { useRouter as useMaybeRouter } from 'next/compat/router'
import Document, { NextScript } from 'next/document'
import dynamic, { type DynamicOptions } from 'next/dynamic'
import NextError from 'next/error'
import Head from 'next/head'
import Link, { type LinkProps } from 'next/link'
import Router, { useRouter } from 'next/router'
import Script from 'next/script'
export const getStaticProps: GetStaticProps<{ n: number }> = () => ({ props: { n: 1 } })
// @ts-expect-error not the props that were promised
export const wrong: GetStaticProps<{ n: number }> = () => ({ props: { n: 'one' } })
const link: LinkProps = { href: '/a' }
export const Page: NextPage<{ n: number }> = () => (
  <><Head><title>{useRouter().asPath + useMaybeRouter()?.asPath}</title></Head><Link {...link}>A</Link><Script src="/a.js" />
  {/* @ts-expect-error a link leads somewhere */}
  <Link>Nowhere</Link></>
)
export type Used = [AppProps, NextWebVitalsMetric, DynamicOptions]
export { App, Document, NextScript, dynamic, NextError, Router }
`

  it.each([
    ['node16', { module: 'node16', moduleResolution: 'node16', types: ['node'] }],
    ['bundler', { module: 'esnext', moduleResolution: 'bundler', types: [] }],
  ])('type styles, images, the mode and next/* with %s [19.08]', async (_name, options) => {
    const compilerOptions = {
      strict: true,
      noEmit: true,
      jsx: 'react-jsx',
      target: 'es2023',
      lib: ['es2023', 'dom', 'dom.iterable'],
      ...options,
    }
    const folder = await create(
      { ...home, 'page.ts': source, 'next.tsx': next, 'tsconfig.json': JSON.stringify({ compilerOptions }) },
      Object.fromEntries(['@types/express', '@types/node', '@types/react'].map((name) => [name, name])),
    )
    const check = async () => {
      const tsc = join(repository, 'node_modules/typescript/bin/tsc')
      return (await runNode([tsc, '--project', folder, '--pretty', 'false'], { cwd: folder })).stdout
    }

    expect(await check()).toMatch(/page\.ts.*module\.css/)
    await writeEnvTypes(folder)
    expect(await check()).toBe('')
  })

  it('are made by a build, and by nothing in a project without TypeScript [19.08]', async () => {
    const typed = await create({ ...home, 'tsconfig.json': '{}' })
    const untyped = await create(home)

    for (const folder of [typed, untyped]) await buildProject(folder)

    expect(await readFile(join(typed, NAME), 'utf8')).toMatch(new RegExp(`^${REFERENCE}`))
    expect(existsSync(join(untyped, NAME))).toBe(false)
  })

  it('are made by development [19.08]', async () => {
    const folder = await create({
      ...home,
      'tsconfig.json': '{}',
      'app.js': `import express from 'express'
import { pages } from 'pagepress'
const app = express()
app.use(pages())
app.listen(process.env.PORT, '127.0.0.1')
`,
    })
    const host = await startHost(['app.js'], { cwd: folder, env: { NODE_ENV: 'development' } })
    try {
      expect((await host.ask('/')).status).toBe(200)
      expect(await readFile(join(folder, NAME), 'utf8')).toMatch(new RegExp(`^${REFERENCE}`))
    } finally {
      await host.stop()
    }
  })

  it('are made anew only when they differ', async () => {
    const folder = await create({ 'tsconfig.json': '{}' })
    const path = join(folder, NAME)
    await writeEnvTypes(folder)
    const text = await readFile(path, 'utf8')

    await writeFile(path, '// mine\n')
    await writeEnvTypes(folder)
    expect(await readFile(path, 'utf8')).toBe(text)

    await writeFile(path, text.replaceAll('\n', '\r\n'))
    const { mtimeMs } = await stat(path)
    await writeEnvTypes(folder)
    expect((await stat(path)).mtimeMs).toBe(mtimeMs)
    expect(await readFile(path, 'utf8')).toContain('\r\n')
  })

  it('fail nothing where they cannot be written', async () => {
    const folder = await create({ 'tsconfig.json': '{}' })
    await mkdir(join(folder, NAME))
    await expect(writeEnvTypes(folder)).resolves.toBeUndefined()
    await rm(join(folder, NAME), { recursive: true })
  })
})
