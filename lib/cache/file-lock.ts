import { open, stat, unlink } from 'node:fs/promises'
import { setTimeout as pause } from 'node:timers/promises'

/** Looking at a file and renaming another over it takes a millisecond or so; who takes longer has died. */
const ABANDONED_AFTER = 1_000
const LONGEST_POLL = 5

/**
 * Does something with a file while no other process does, which holds a lock beside it. One that died with the lock holds
 * others up for a second.
 */
export async function whileLocked<T>(file: string, work: () => Promise<T>): Promise<T> {
  const lock = `${file}.lock`
  const started = performance.now()
  while (!(await take(lock))) {
    // Its time may lie anywhere if the clock was put back: nobody waits for much longer, whatever it says.
    const isAbandoned = performance.now() - started > 2 * ABANDONED_AFTER || (await isOld(lock))
    if (isAbandoned) await unlink(lock).catch(ignore)
    else await pause(Math.random() * LONGEST_POLL)
  }
  try {
    return await work()
  } finally {
    await unlink(lock).catch(ignore)
  }
}

async function take(lock: string): Promise<boolean> {
  try {
    await (await open(lock, 'wx', 0o600)).close()
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

async function isOld(lock: string): Promise<boolean> {
  const found = await stat(lock).catch(ignore)
  return found !== undefined && Date.now() - found.mtimeMs > ABANDONED_AFTER
}

function ignore(): undefined {}
