import { PagesError } from '../errors.js'

/** Where a build tells what it does. */
export interface BuildReporter {
  info(line: string): void
  warn(line: string): void
  /** A page that could not be produced, with what was thrown. */
  failed(path: string, error: unknown): void
  /** Begins to count pages. */
  startPages(total: number): { increment(): void; stop(): void }
}

/** Writes lines, and nothing that a log file could not hold. */
export function createLineReporter(write: (line: string) => void): BuildReporter {
  return {
    info: write,
    warn: (line) => write(`Warning: ${line}`),
    failed(path, error) {
      const stack = error instanceof Error ? stackOf(error) : undefined
      write(`Error while producing ${path}:\n${stack ?? describeThrown(error)}`)
    },
    startPages(total) {
      const started = performance.now()
      let done = 0
      let told = 0
      if (total > 0) write(`Prerendering ${total} ${total === 1 ? 'page' : 'pages'}`)
      return {
        increment() {
          done += 1
          const tenth = Math.floor((done * 10) / total)
          // Few pages need no report on the way.
          if (total < 1000 || tenth === told || done === total) return
          told = tenth
          write(`  ${done} of ${total}`)
        },
        stop() {
          if (total === 0) return
          const seconds = (performance.now() - started) / 1000
          write(`Prerendered ${done} ${done === 1 ? 'page' : 'pages'} in ${seconds.toFixed(1)} s`)
        },
      }
    },
  }
}

/** Our own errors are known by their codes. */
function stackOf(error: Error): string | undefined {
  return error instanceof PagesError ? error.stack?.replace(error.name, error.code) : error.stack
}

function describeThrown(error: unknown): string {
  try {
    return `${String(error)} (${error === null ? 'null' : typeof error})`
  } catch {
    return 'a value that cannot be shown'
  }
}
