import { jest } from '@jest/globals'
import { launchChromium } from '../support/chromium.js'
import {
  expressProgram,
  makeProject,
  removeProjects,
  runCli,
  startApp,
  type Project,
} from '../support/project.js'

jest.setTimeout(90_000)
afterAll(removeProjects)

const manifest = (name: string, more: object = {}) =>
  JSON.stringify({ name, version: '1.0.0', main: 'index.js', ...more })

const packages = {
  // What Node cannot see from outside: names that are assigned while it runs.
  'node_modules/many-names/package.json': manifest('many-names'),
  'node_modules/many-names/index.js': `var lib = function () { return 'called' }
;['first', 'second'].forEach(function (name) { lib[name] = function () { return name } })
module.exports = lib\n`,
  'node_modules/many-names/deep.js': "module.exports = function deep() { return 'deep' }\n",
  // What a compiler makes of \`export default\`.
  'node_modules/compiled/package.json': manifest('compiled'),
  'node_modules/compiled/index.js': `Object.defineProperty(exports, '__esModule', { value: true })
exports.default = function () { return 'default of compiled' }
exports.named = 'named of compiled'\n`,
  // Both forms: the host and the pages must get the same one.
  'node_modules/two-forms/package.json': manifest('two-forms', {
    exports: { import: './index.mjs', require: './index.js' },
  }),
  'node_modules/two-forms/index.js': "exports.form = 'required'\n",
  'node_modules/two-forms/index.mjs': "export const form = 'imported'\n",
  // A package made for the router of the field.
  'node_modules/for-next/package.json': manifest('for-next', {
    type: 'module',
    peerDependencies: { next: '*' },
  }),
  'node_modules/for-next/index.js': `import { createElement } from 'react'
import { useRouter } from 'next/router'
import Link from 'next/link.js'
export function Here() { return createElement(Link, { href: '/there' }, 'at ' + useRouter().pathname) }\n`,
}

const page = `import lib, { first, second as other } from 'many-names'
import * as all from 'many-names'
import deep from 'many-names/deep'
import compiled, { named } from 'compiled'
import { form } from 'two-forms'
import { Here } from 'for-next'
export default function Home() {
  const used = [first(), other(), lib(), typeof all.first, deep(), compiled(), named]
  return <main><p>{used.join(' · ')}</p><i>{typeof window === 'undefined' ? form : 'imported'}</i><Here /></main>
}\n`

const EXPECTED = 'first · second · called · function · deep · default of compiled · named of compiled'

async function project(): Promise<Project> {
  return makeProject({
    ...packages,
    'package.json': JSON.stringify({
      private: true,
      dependencies: { 'for-next': '1.0.0', 'many-names': '1.0.0' },
    }),
    'pages/index.tsx': page,
  })
}

describe('packages of a project', () => {
  it.each(['production', 'development'])(
    'mean the same on the server and in the browser, however they were written: %s',
    async (NODE_ENV) => {
      const site = await project()
      if (NODE_ENV === 'production')
        expect(await runCli(['build', site.root])).toMatchObject({ code: 0, stderr: '' })
      const app = await startApp(site, expressProgram(), { NODE_ENV })
      const html = await (await fetch(app.url)).text()
      expect(html).toContain(`<p>${EXPECTED}</p><i>imported</i><a href="/there">at /</a>`)

      const browser = await launchChromium()
      const tab = await browser.newPage()
      const problems: string[] = []
      tab.on('console', (message) => void (message.type() === 'error' && problems.push(message.text())))
      tab.on('pageerror', (error) => problems.push(error.message))
      await tab.goto(app.url, { waitUntil: 'networkidle' })
      expect(await tab.textContent('p')).toBe(EXPECTED)
      // React would have said that the two differ.
      expect(problems).toEqual([])
      await browser.close()
      await app.stop()
    },
  )

  it('whose modules are ES modules get all that a CommonJS package exports as its default', async () => {
    const site = await makeProject({
      ...packages,
      'package.json': JSON.stringify({ private: true, type: 'module' }),
      'pages/index.tsx': `import compiled, { named } from 'compiled'
export default function Home() { return <p>{typeof compiled + ' ' + named}</p> }\n`,
    })
    expect((await runCli(['build', site.root])).code).toBe(0)
    for (const NODE_ENV of ['production', 'development']) {
      const app = await startApp(site, expressProgram(), { NODE_ENV })
      expect(await (await fetch(app.url)).text()).toContain('<p>object named of compiled</p>')
      await app.stop()
    }
  })
})
