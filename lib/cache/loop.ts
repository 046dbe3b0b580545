// Of the module, not the global: tests that replace the global one replace what they measure, not what makes us wait.
import { setImmediate } from 'node:timers'

/** Resolves when the event loop has gone round: others have had their turn. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

/** From so many bytes on, each step of what is done with a page has a turn of the loop of its own: a hash, a copy. */
const LARGE = 512 * 1024

/** Lets others have their turn before the next step with so many bytes; `undefined` where they hardly wait for it. */
export function nextTurnIfLarge(bytes: number): Promise<void> | undefined {
  return bytes < LARGE ? undefined : nextTurn()
}

/** Spreads work that begins all at once over turns of the event loop, so that other requests need not wait for all of it. */
export interface Pace {
  /** When the next piece may begin; `undefined` for now. */
  next(): Promise<void> | undefined
}

/** @param perTurn pieces that may begin in one turn of the loop */
export function createPace(perTurn: number): Pace {
  const waiting: (() => void)[] = []
  let begun = 0

  function onTurn(): void {
    begun = 0
    for (const begin of waiting.splice(0, perTurn)) {
      count()
      begin()
    }
  }

  function count(): void {
    if (begun === 0) setImmediate(onTurn)
    begun += 1
  }

  return {
    next() {
      if (begun < perTurn) return void count()
      return new Promise((resolve) => waiting.push(resolve))
    },
  }
}
