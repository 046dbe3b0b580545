#!/usr/bin/env node
import { parseArgs } from 'node:util'
import { PagesError, wrongCommand } from '../errors.js'

const HELP = `Usage: pagepress <command> [root] [options]

Commands
  build    Builds the pages for production into .pagepress
  dev      Serves the pages for development, in a small Express app
  start    Serves a build, in a small Express app
  routes   Lists the routes and how each is served

root is the project's folder, the current one by default.

Options
  --pages-dir <path>    Folder of the pages      (pages, or src/pages)
  --public-dir <path>   Folder of plain files    (public)
  --out-dir <path>      Folder of the build      (.pagepress)
  -p, --port <number>   Port of dev and start    (3000)
  -h, --help            Shows this
  -v, --version         Shows the version
`

/** What the command line said. */
export interface CommandOptions {
  root: string
  pagesDir: string | undefined
  publicDir: string | undefined
  outDir: string | undefined
  port: number
}

/** Each command resolves with the process's exit code, or with nothing while it goes on serving. */
type Command = (options: CommandOptions) => Promise<number | undefined>

const commands: Readonly<Record<string, () => Promise<Command>>> = {
  build: async () => (await import('./build.js')).runBuild,
  dev: async () => (await import('./serve.js')).runDev,
  start: async () => (await import('./serve.js')).runStart,
  routes: async () => (await import('./routes.js')).runRoutes,
}

async function main(args: string[]): Promise<number | undefined> {
  const { values, positionals } = parse(args)
  if (values.help) return say(HELP)
  if (values.version) {
    const { packageVersion } = await import('../vite/own-package.js')
    return say(`${packageVersion}\n`)
  }
  const [name, root = '.', ...rest] = positionals
  if (name === undefined) throw wrongCommand('No command was given.')
  const load = Object.hasOwn(commands, name) ? commands[name] : undefined
  if (load === undefined) throw wrongCommand(`There is no command \`${name}\`.`)
  if (rest.length > 0) throw wrongCommand(`\`${name}\` takes one folder, but \`${rest[0]}\` was given, too.`)
  const command = await load()
  return command({
    root,
    pagesDir: values['pages-dir'],
    publicDir: values['public-dir'],
    outDir: values['out-dir'],
    port: toPort(values.port),
  })
}

function parse(args: string[]) {
  try {
    return parseArgs({
      args,
      allowPositionals: true,
      options: {
        'pages-dir': { type: 'string' },
        'public-dir': { type: 'string' },
        'out-dir': { type: 'string' },
        port: { type: 'string', short: 'p' },
        help: { type: 'boolean', short: 'h' },
        version: { type: 'boolean', short: 'v' },
      },
    })
  } catch (error) {
    throw wrongCommand(error instanceof Error ? `${error.message.split('. ')[0]}.` : String(error))
  }
}

function toPort(text: string | undefined): number {
  const port = Number(text ?? process.env.PORT ?? 3000)
  if (Number.isInteger(port) && port >= 0 && port < 65_536) return port
  throw wrongCommand(`The port is \`${text ?? process.env.PORT}\`, but it must be a number from 0 to 65535.`)
}

function say(text: string): number {
  process.stdout.write(text)
  return 0
}

/** A mistake that the reader can mend needs no stack trace; anything else does. */
function complain(error: unknown): number {
  const isKnown = error instanceof PagesError && error.code !== 'PAGES_BUG'
  const text = isKnown
    ? `${error.code}: ${error.message}`
    : error instanceof Error
      ? (error.stack ?? error.message)
      : String(error)
  process.stderr.write(`\n${text}\n`)
  return 1
}

void main(process.argv.slice(2))
  .catch(complain)
  .then((code) => {
    // Pages may have opened connections while they were built, which would keep the process alive.
    if (code !== undefined) process.exit(code)
  })
