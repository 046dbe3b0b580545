import { jest } from '@jest/globals'
import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { createClient, createCluster, createSentinel } from 'redis'
import { createCertificate } from '../support/certificate.js'
import { closeRedisSites, openRedisSite, untilUsed, visit } from '../support/redis-site.js'
import { describeRedis, startRedis, type RedisServer } from '../support/redis.js'

jest.setTimeout(60_000)

let folder: string
const others: ChildProcess[] = []
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pagepress-'))
})
afterEach(async () => {
  await closeRedisSites()
  for (const child of others.splice(0)) child.kill('SIGKILL')
  await rm(folder, { recursive: true, force: true })
})

/** Two machines by the same way: what one has produced, the other finds; what one invalidates, both forget. */
async function expectShared(
  source: () => Parameters<typeof openRedisSite>[0],
  redis: RedisServer,
): Promise<void> {
  const [one, two] = [await openRedisSite(source()), await openRedisSite(source(), { maxBytes: 1_000_000 })]
  await untilUsed(one)
  await untilUsed(two)
  await one.ask('/p/shared')
  await one.settled()
  const runs = two.runs()
  expect((await two.ask('/p/shared')).status).toBe(200)
  expect(two.runs()).toBe(runs)
  await one.site.revalidate({ tag: 'p' })
  for (let turn = 0; turn < 100 && two.runs() === runs; turn += 1) {
    await pause(20)
    await two.ask('/p/shared')
  }
  expect(two.runs()).toBeGreaterThan(runs)
  // Away, it is nobody's trouble, and it is used again by itself.
  await redis.kill()
  await visit(one, 10)
  await pause(1_200)
  await visit(one, 10, 100)
  await redis.start()
  await untilUsed(one)
  await untilUsed(two)
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

describeRedis('Redis', () => {
  it('at a socket of this machine is used [S182]', async () => {
    const path = join(folder, 'redis.sock')
    const redis = await startRedis('--unixsocket', path)
    await expectShared(() => createClient({ socket: { path, tls: false } }), redis)
  })

  it('with users and passwords is used with a right one [S182]', async () => {
    const redis = await startRedis(
      '--user',
      'pages',
      'on',
      '>secret',
      '~pagepress:*',
      '~{pagepress}:*',
      '&*',
      '+@all',
    )
    await expectShared(() => redis.url.replace('//', '//pages:secret@'), redis)
  })

  it('behind TLS is used by a client that trusts it [S182]', async () => {
    const { key, cert } = createCertificate()
    const [keyFile, certFile] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
    await Promise.all([writeFile(keyFile, key), writeFile(certFile, cert)])
    const port = await freePort()
    const redis = await startRedis(
      ...['--tls-port', String(port), '--tls-auth-clients', 'no'],
      ...['--tls-key-file', keyFile, '--tls-cert-file', certFile, '--tls-ca-cert-file', certFile],
    )
    const socket = { port, host: 'localhost', tls: true as const, ca: cert, servername: 'localhost' }
    await expectShared(
      () => createClient({ socket: { ...socket, checkServerIdentity: () => undefined } }),
      redis,
    )
  })

  it('that is a cluster is used [S182]', async () => {
    const redis = await startRedis(
      '--cluster-enabled',
      'yes',
      '--cluster-config-file',
      join(folder, 'nodes.conf'),
    )
    await redis.command('CLUSTER', 'ADDSLOTSRANGE', '0', '16383')
    while (!(await redis.command('CLUSTER', 'INFO')).includes('cluster_state:ok')) await pause(50)
    await expectShared(() => createCluster({ rootNodes: [{ url: redis.url }] }), redis)
  })

  it('behind a sentinel is used [S182]', async () => {
    const redis = await startRedis()
    const port = await freePort()
    const file = join(folder, 'sentinel.conf')
    await writeFile(file, `port ${port}\nbind 127.0.0.1\nsentinel monitor main 127.0.0.1 ${redis.port} 1\n`)
    others.push(spawn('redis-server', [file, '--sentinel']))
    const source = { name: 'main', sentinelRootNodes: [{ host: '127.0.0.1', port }] }
    await expectShared(() => createSentinel(source), redis)
  })
})
