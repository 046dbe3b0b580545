import type { Express } from 'express'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { PagesError, missingPeer } from '../errors.js'
import type { PagesHandler } from '../pages.js'
import type { CommandOptions } from './index.js'

export async function runDev(options: CommandOptions): Promise<undefined> {
  process.env.NODE_ENV = 'development'
  await serve(options, true)
}

export async function runStart(options: CommandOptions): Promise<undefined> {
  process.env.NODE_ENV = 'production'
  process.setSourceMapsEnabled(true)
  await serve(options, false)
}

/** The smallest app there is: an Express app with the pages and nothing else. */
async function serve(
  { root, pagesDir, publicDir, outDir, port }: CommandOptions,
  dev: boolean,
): Promise<void> {
  const express = await importExpress()
  const { pages } = await import('../pages.js')
  const site = pages({
    root,
    dev,
    ...(pagesDir !== undefined && { pagesDir }),
    ...(publicDir !== undefined && { publicDir }),
    ...(outDir !== undefined && { outDir }),
    fallthrough: false,
  })
  const app = express()
  app.disable('x-powered-by')
  app.use(site)
  // A wrong project shows before a port is taken.
  await site.ready()
  const server = createServer(app)
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(toListenError(error, port)))
    server.listen(port, resolve)
  })
  const { port: bound } = server.address() as AddressInfo
  process.stdout.write(`Serving ${dev ? 'for development' : 'the build'} on http://localhost:${bound}\n`)
  closeOnSignal(server, site)
}

function closeOnSignal(server: ReturnType<typeof createServer>, site: PagesHandler): void {
  const close = (): void => {
    server.close()
    server.closeIdleConnections()
    void site.close({ timeoutMs: 5000 }).finally(() => process.exit(0))
  }
  process.once('SIGINT', close)
  process.once('SIGTERM', close)
}

function toListenError(error: Error, port: number): Error {
  if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') return error
  return new PagesError(
    'PAGES_CLI',
    `Port ${port} is in use. Choose another with \`--port\`, or end what listens on it.`,
  )
}

async function importExpress(): Promise<() => Express> {
  try {
    return (await import('express')).default
  } catch (error) {
    throw (error as { code?: string }).code === 'ERR_MODULE_NOT_FOUND'
      ? missingPeer('express', 'Serving pages')
      : error
  }
}
