import { once } from 'node:events'
import { request, type IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { createHmrUpgrades } from '../../lib/dev/upgrades.js'
import { serve, stopServers, type RunningServer } from '../support/serve.js'

afterEach(stopServers)

const HMR = { Connection: 'Upgrade', Upgrade: 'websocket', 'Sec-WebSocket-Protocol': 'vite-hmr' }
const CHAT = { Connection: 'Upgrade', Upgrade: 'websocket', 'Sec-WebSocket-Protocol': 'chat' }

/** What the server answers to an upgrade: the name somebody took it under, or a status. */
function upgrade({ port }: RunningServer, path: string, headers: Record<string, string>): Promise<string> {
  return new Promise((resolve, reject) => {
    const sent = request({ port, host: '127.0.0.1', path, headers, agent: false })
    sent.on('upgrade', (res: IncomingMessage, socket: Duplex) => {
      socket.destroy()
      resolve(String(res.headers['x-taken-by']))
    })
    sent.on('response', (res) => {
      res.resume()
      resolve(String(res.statusCode))
    })
    sent.on('error', reject)
    sent.end()
  })
}

const takeAs = (name: string) => (_req: IncomingMessage, socket: Duplex) => {
  socket.end(
    `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nX-Taken-By: ${name}\r\n\r\n`,
  )
}

function listen(running: RunningServer, path: string, name: string) {
  const upgrades = createHmrUpgrades(path)
  upgrades.server.on('upgrade', takeAs(name))
  upgrades.listenOn(running.server)
  return upgrades
}

describe('upgrades of the host’s server', () => {
  it('go to Vite by path and protocol, with any query', async () => {
    const running = await serve((_req, res) => res.end())
    listen(running, '/a/_assets/@hmr', 'vite')
    expect(await upgrade(running, '/a/_assets/@hmr?token=x', HMR)).toBe('vite')
    expect(await upgrade(running, '/a/_assets/@hmr', { ...HMR, 'Sec-WebSocket-Protocol': 'vite-ping' })).toBe(
      'vite',
    )
  })

  it('of everybody else are left to them, whoever came first', async () => {
    for (const isHostFirst of [true, false]) {
      const running = await serve((_req, res) => res.end())
      const chat = (req: IncomingMessage, socket: Duplex) => {
        if (req.url === '/chat') takeAs('chat')(req, socket)
      }
      if (isHostFirst) running.server.on('upgrade', chat)
      listen(running, '/_assets/@hmr', 'vite')
      if (!isHostFirst) running.server.on('upgrade', chat)
      expect(await upgrade(running, '/chat', CHAT)).toBe('chat')
      expect(await upgrade(running, '/chat', HMR)).toBe('chat')
      expect(await upgrade(running, '/_assets/@hmr', HMR)).toBe('vite')
    }
  })

  it('of two sites do not meet', async () => {
    const running = await serve((_req, res) => res.end())
    listen(running, '/a/_assets/@hmr', 'a')
    listen(running, '/b/_assets/@hmr', 'b')
    expect(await upgrade(running, '/a/_assets/@hmr', HMR)).toBe('a')
    expect(await upgrade(running, '/b/_assets/@hmr', HMR)).toBe('b')
  })

  it('that nobody takes are refused instead of left waiting', async () => {
    const running = await serve((_req, res) => res.end())
    listen(running, '/a/_assets/@hmr', 'a')
    listen(running, '/b/_assets/@hmr', 'b')
    expect(await upgrade(running, '/c/_assets/@hmr', HMR)).toBe('400')
    expect(await upgrade(running, '/a/_assets/@hmr', CHAT)).toBe('400')
  })

  it('are listened to once for any number of requests, and not after the end', async () => {
    const running = await serve((_req, res) => res.end('page'))
    const upgrades = listen(running, '/_assets/@hmr', 'vite')
    upgrades.listenOn(running.server)
    expect(running.server.listenerCount('upgrade')).toBe(1)
    upgrades.close()
    expect(running.server.listenerCount('upgrade')).toBe(0)
    const asked = request({ port: running.port, host: '127.0.0.1', headers: HMR, agent: false }).end()
    const [res] = (await once(asked, 'response')) as [IncomingMessage]
    expect(res.statusCode).toBe(200)
    res.resume()
  })
})
