/** Says what a developer should know, as opposed to what failed. */
export interface Warnings {
  warn(message: string): void
  /** Says it the first time that this topic comes up. */
  once(topic: string, message: string): void
}

/** Topics are named after pages and routes, of which there are not many; a bound all the same. */
const MAX_TOPICS = 10_000

export function createWarnings(write: (message: string) => void = writeToConsole): Warnings {
  const topics = new Set<string>()
  return {
    warn: write,
    once(topic, message) {
      if (topics.has(topic) || topics.size >= MAX_TOPICS) return
      topics.add(topic)
      write(message)
    },
  }
}

function writeToConsole(message: string): void {
  // oxlint-disable-next-line no-console -- the place where warnings are said
  console.warn(`pagepress: ${message}`)
}
