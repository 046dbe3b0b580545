// Replaces a page in a folder while the calls to the file system are noted, fail, or are where the process ends.
// Arguments: folder; then `trace`, or `die` and the number of calls after which to die, or `fail`. Prints what was seen.
import fs from 'node:fs/promises'
import { syncBuiltinESMExports } from 'node:module'

const [directory, task, count] = process.argv.slice(2)
let calls = []
let isArmed = false
/** The call that fails from now on, and with what. */
let fault

async function watch(call, run) {
  if (isArmed && task === 'die' && calls.length === Number(count)) process.kill(process.pid, 'SIGKILL')
  calls.push(call)
  if (fault?.name === call.name)
    throw Object.assign(new Error(`${fault.code}: ${call.name}`), { code: fault.code })
  return run()
}

const real = { ...fs }
for (const name of ['mkdir', 'rename', 'unlink', 'rm', 'readdir', 'stat'])
  fs[name] = (path, ...more) => watch({ name, path, to: more[0] }, () => real[name](path, ...more))
fs.open = async (path, flags, mode) => {
  const name = flags === 'wx' ? 'create' : 'open'
  const handle = await watch({ name, path, mode }, () => real.open(path, flags, mode))
  for (const own of ['stat', 'readFile', 'writeFile', 'sync', 'close']) {
    const run = handle[own].bind(handle)
    handle[own] = (...given) => watch({ name: own === 'stat' ? 'fstat' : own, path }, () => run(...given))
  }
  return handle
}
syncBuiltinESMExports()

const { createFileStore } = await import('../../dist/cache/file-store.js')

const errors = []
const open = () =>
  createFileStore({ directory, buildId: 'b', onError: (error) => errors.push(String(error)) })
const page = (version) => ({
  type: 'page',
  status: 200,
  document: Buffer.from(`<p>${version} ${'é'.repeat(2_000)}</p>`),
  data: Buffer.from(`${version}`),
  renderedAt: version,
  staleAt: Infinity,
  expiresAt: Infinity,
})
const versionOf = (entry) => (entry === undefined ? 0 : Number(entry.data.toString()))

if (task === 'fail') console.log(JSON.stringify(await failEverywhere()))
else {
  const store = open()
  await store.set('/a', page(1))
  await store.settled()
  calls = []
  isArmed = true
  await store.set('/a', page(2))
  console.log(JSON.stringify(calls))
}

/** Every error at every call: the versions that are read meanwhile and after it, and who was told. */
async function failEverywhere() {
  const codes = ['EMFILE', 'ENFILE', 'EIO', 'EBUSY', 'ENOSPC', 'EROFS', 'EACCES', 'EPERM', 'EDQUOT', 'EAGAIN']
  const names = [
    'open',
    'fstat',
    'readFile',
    'mkdir',
    'create',
    'writeFile',
    'sync',
    'close',
    'rename',
    'readdir',
    'stat',
    'unlink',
  ]
  const seen = []
  for (const name of names)
    for (const code of codes) {
      const key = `/${name}/${code}`
      // A store of its own: one that could not write leaves the disk alone for a while.
      const store = open()
      await store.set(key, page(1))
      await store.settled()
      errors.length = 0
      fault = { name, code }
      const meanwhile = versionOf(await store.get(key))
      await store.set(key, page(2))
      await store.settled()
      fault = undefined
      seen.push({ name, code, meanwhile, after: versionOf(await store.get(key)), errors: [...errors] })
    }
  return seen
}
