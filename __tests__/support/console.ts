import { jest } from '@jest/globals'

type Method = 'error' | 'warn' | 'log'

const written: string[] = []
const unhandled: unknown[] = []
const remember = (error: unknown) => void unhandled.push(error)

/**
 * Fails every test of the file that leaves something on the console or a rejection that nobody handled. A test that
 * expects output takes it with `takeConsole`.
 */
export function failOnConsole(): void {
  const methods: Method[] = ['error', 'warn']

  beforeEach(() => {
    written.length = 0
    unhandled.length = 0
    process.on('unhandledRejection', remember)
    for (const method of methods)
      jest.spyOn(console, method).mockImplementation((...parts: unknown[]) => {
        written.push(parts.map(toText).join(' '))
      })
  })

  afterEach(async () => {
    // Rejections count as unhandled only when the microtasks have run.
    await new Promise((resolve) => setImmediate(resolve))
    process.off('unhandledRejection', remember)
    jest.restoreAllMocks()
    expect(takeConsole()).toEqual([])
    expect(unhandled).toEqual([])
  })
}

/** What was written to `console.error` and `console.warn` so far; it does not fail the test any more. */
export function takeConsole(): string[] {
  return written.splice(0)
}

function toText(part: unknown): string {
  return part instanceof Error ? (part.stack ?? part.message) : String(part)
}
