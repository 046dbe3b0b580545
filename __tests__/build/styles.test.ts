import { jest } from '@jest/globals'
import { makeProject, removeProjects, runCli } from '../support/project.js'

jest.setTimeout(60_000)
afterAll(removeProjects)

const PAGE = 'export default function Page() { return <p>page</p> }\n'

async function build(files: Record<string, string>) {
  const project = await makeProject(files)
  const { code, stdout, stderr } = await runCli(['build', project.root])
  return { code, output: `${stdout}\n${stderr}`, project }
}

describe('global CSS outside `_app` fails the build', () => {
  it.each<[string, Record<string, string>, RegExp]>([
    [
      'in a page',
      { 'pages/index.tsx': `import '../styles/loud.css'\n${PAGE}` },
      /PAGES_STYLES: `pages\/index\.tsx` imports `styles\/loud\.css`/,
    ],
    [
      'in a component',
      {
        'pages/index.tsx': `import { A } from '../components/a'\nexport default () => <A />`,
        'components/a.tsx': "import '../styles/loud.css?x'\nexport const A = () => <p>a</p>",
      },
      /PAGES_STYLES: `components\/a\.tsx` imports `styles\/loud\.css`/,
    ],
    [
      'in a part that only browsers load, through an alias',
      {
        'tsconfig.json': '{ "compilerOptions": { "paths": { "~/*": ["./*"] } } }',
        'pages/index.tsx': `import { dynamic } from 'pagepress/react'
const Part = dynamic(() => import('../components/part'), { ssr: false })
export default () => <Part />`,
        'components/part.tsx': "import '~/styles/loud.css'\nexport default () => <p>part</p>",
      },
      /PAGES_STYLES: `components\/part\.tsx` imports `styles\/loud\.css`/,
    ],
    [
      'in a layout, with a preprocessor',
      {
        'pages/index.tsx': PAGE,
        'pages/_layout.tsx':
          "import '../styles/loud.scss'\nexport default ({ children }: any) => <i>{children}</i>",
        'styles/loud.scss': 'p { color: red }',
      },
      /PAGES_STYLES: `pages\/_layout\.tsx` imports `styles\/loud\.scss`.*`styles\/loud\.module\.scss`/,
    ],
  ])('%s, naming both files and the remedy [8.41]', async (_name, files, message) => {
    const { code, output } = await build({ 'styles/loud.css': 'p { color: red }', ...files })

    expect(code).toBe(1)
    expect(output).toMatch(message)
    expect(output).toContain('Move the import to `pages/_app`, or make the file a CSS module')
  })

  it('and any CSS in `_document`, which no browser would get [8.42]', async () => {
    const { code, output } = await build({
      'pages/index.tsx': PAGE,
      'pages/_document.tsx': "import './document.module.css'\nexport { default } from 'pagepress/document'",
      'pages/document.module.css': '.a { color: red }',
    })

    expect(code).toBe(1)
    expect(output).toMatch(/`pages\/_document\.tsx` imports `\.\/document\.module\.css`.*`pages\/_app`/)
  })
})

it('global CSS in `_app`, CSS of packages, CSS modules and CSS as a text are allowed [8.41]', async () => {
  const { code, output, project } = await build({
    'node_modules/thing/package.json': '{ "name": "thing", "type": "module", "exports": { "./*": "./*" } }',
    'node_modules/thing/thing.css': '.of-the-package { color: red }',
    'node_modules/thing/self.js': "import './self.css'\nexport const self = 'self'\n",
    'node_modules/thing/self.css': '.of-its-own-module { color: red }',
    'vite.config.js': "export default { ssr: { noExternal: ['thing'] } }",
    'styles/global.css': "@import './more.css';\n.of-the-app { color: red }",
    'styles/more.css': '.of-the-app-through-css { color: red }',
    'pages/_app.tsx': `import '../styles/global.css'
export default function App({ Component, pageProps }: any) { return <Component {...pageProps} /> }`,
    'pages/index.tsx': `import 'thing/thing.css'
import styles from './index.module.css'
import url from '../styles/more.css?url'
import text from '../styles/more.css?inline'
export default function Page() { return <p className={styles.own}>{url.length + text.length}</p> }`,
    'pages/index.module.css': '.own { color: red }',
    'pages/other.tsx': `import { self } from 'thing/self.js'\nexport default function Other() { return <p>{self}</p> }`,
  })

  expect([code, code === 0 ? '' : output]).toEqual([0, ''])
  const names = (await project.list('.pagepress/client')).filter((name) => name.endsWith('.css'))
  const css = (await Promise.all(names.map((name) => project.read(`.pagepress/client/${name}`)))).join('\n')
  for (const name of ['of-the-package', 'of-its-own-module', 'of-the-app', 'of-the-app-through-css', '_own_'])
    expect(css).toContain(name)
})
