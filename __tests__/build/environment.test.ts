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

/** A folder as the tools of the field make it: `src`, JSX preserved by TypeScript, an alias, a configuration function. */
function fieldProject(): Promise<Project> {
  return makeProject({
    'tsconfig.json': JSON.stringify({
      compilerOptions: {
        jsx: 'preserve',
        allowJs: true,
        strict: true,
        baseUrl: '.',
        paths: { '@/*': ['./src/*'] },
      },
    }),
    'next.config.js': 'module.exports = (phase) => ({ env: { PHASE: phase }, pageExtensions: undefined })\n',
    '.env':
      'NEXT_PUBLIC_FROM=env\nNEXT_PUBLIC_ONLY=env\nNEXT_PUBLIC_REF=ref-$NEXT_PUBLIC_ONLY\nNEXT_PUBLIC_DOLLAR=a\\$b\nSECRET_WORD=MARKER_OF_ENV\n',
    '.env.production': 'NEXT_PUBLIC_FROM=env.production\nNEXT_PUBLIC_MODE=production\n',
    '.env.development': 'NEXT_PUBLIC_FROM=env.development\nNEXT_PUBLIC_MODE=development\n',
    '.env.local': 'NEXT_PUBLIC_FROM=env.local\nNEXT_PUBLIC_LOCAL=local\n',
    '.env.production.local': 'NEXT_PUBLIC_FROM=env.production.local\n',
    '.env.development.local': 'NEXT_PUBLIC_FROM=env.development.local\n',
    'src/lib/here.ts': "export const here = 'through the alias'\n",
    'src/pages/index.tsx': `import Head from 'next/head'
import { NextPage } from 'next'
import { useEffect, useState } from 'react'
import { here } from '@/lib/here'
const { SECRET_WORD } = process.env
const name = ['NEXT', 'PUBLIC', 'ONLY'].join('_')
const Home: NextPage = () => {
  const list = [process.env.NEXT_PUBLIC_FROM, process.env.NEXT_PUBLIC_ONLY, process.env.NEXT_PUBLIC_MODE, process.env.NEXT_PUBLIC_LOCAL,
    process.env.NEXT_PUBLIC_REF, process.env.NEXT_PUBLIC_DOLLAR, process.env.NEXT_PUBLIC_SHELL, process.env.NODE_ENV, process.env.PHASE, here]
  const [hidden, setHidden] = useState('not yet')
  useEffect(() => setHidden(String([SECRET_WORD, process.env.SECRET_WORD, process.env[name]])), [])
  return <><Head><title>Home</title></Head><p>{list.join(' ')}</p>
    <i>{hidden}</i></>
}
export default Home\n`,
    'src/pages/api/here.ts': `import { here } from '@/lib/here'\nexport default (_req: unknown, res: any) => res.json({ here })\n`,
  })
}

const expected = (mode: string, phase: string) =>
  `env.${mode}.local env ${mode} local ref-env a$b from the shell ${mode} ${phase} through the alias`

describe('a folder as the tools of the field make it', () => {
  it.each([
    ['production', 'phase-production-build'],
    ['development', 'phase-development-server'],
  ])(
    'has its environment files, its alias and its configuration, in %s [8.47][8.48][8.49][8.50]',
    async (mode, phase) => {
      const project = await fieldProject()
      const shell = { NEXT_PUBLIC_SHELL: 'from the shell' }
      await project.write('.env', `${await project.read('.env')}NEXT_PUBLIC_SHELL=from a file\n`)
      if (mode === 'production') {
        expect(await runCli(['build', project.root], shell)).toMatchObject({ code: 0, stderr: '' })
        const names = await project.list('.pagepress/client')
        for (const name of names)
          expect(await project.read(`.pagepress/client/${name}`)).not.toContain('MARKER_OF_ENV')
      }
      const app = await startApp(project, expressProgram(), { NODE_ENV: mode, ...shell })
      const html = await (await fetch(app.url)).text()
      expect(html).toContain(`<p>${expected(mode, phase)}</p>`)
      expect(await (await fetch(`${app.url}/api/here`)).json()).toEqual({ here: 'through the alias' })

      const browser = await launchChromium()
      const page = await browser.newPage()
      const problems: string[] = []
      page.on('console', (message) => void (message.type() === 'error' && problems.push(message.text())))
      page.on('pageerror', (error) => problems.push(error.message))
      await page.goto(app.url, { waitUntil: 'networkidle' })
      expect(await page.textContent('p')).toBe(expected(mode, phase))
      // Neither what is secret, nor what is looked up by a name that the bundler cannot see.
      expect(await page.textContent('i')).toBe(',,')
      expect(problems).toEqual([])
      await browser.close()
      await app.stop()
    },
  )
})
