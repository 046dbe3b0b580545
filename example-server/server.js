// @ts-check
import { once } from 'node:events'
import { realpathSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { createServer } from 'pagepress'
import { createApp } from './app.js'

/** @param {number} port */
export async function serve(port) {
  const { app, site } = await createApp()
  const server = createServer(app)
  server.listen(port)
  await once(server, 'listening')
  await site.ready()

  const address = server.address()
  const actual = typeof address === 'object' && address !== null ? address.port : port
  console.log(`Nowhere Post is open: http://localhost:${actual}`)

  // Let the answers under way finish, then go.
  for (const signal of ['SIGINT', 'SIGTERM'])
    process.once(signal, () => {
      server.close(() => void site.close().finally(() => process.exit(0)))
      server.closeIdleConnections()
      setTimeout(() => process.exit(0), 3000).unref()
    })
}

if (process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url))
  await serve(Number(process.env.PORT ?? 3000))
