import type { ErrorInfo } from '../options.js'
import type { FoundPage } from './find-page.js'
import { toHandlerModule } from './handler-module.js'
import { runMiddleware, type Passage } from './page-middleware.js'
import { toApiModule, toPageModule } from './page-module.js'
import type { PageSource } from './page-source.js'
import { withProduction, type ValueCache } from './production.js'
import type { Exchange } from './send.js'

export interface PageGuards {
  /** Runs the middlewares that a page or an API route exports, in front of everything that it could answer. */
  pass(exchange: Exchange, found: FoundPage): Promise<Passage>
}

export interface PageGuardsParts {
  readonly source: PageSource
  readonly onError: (error: unknown, info: ErrorInfo) => void
  /** Where what cached functions return is kept. */
  readonly values: ValueCache
}

export function createPageGuards({ source, onError, values }: PageGuardsParts): PageGuards {
  return {
    async pass(exchange, { value: record, facts, params, route }) {
      const { page } = await source.load(record)
      const { middleware } =
        facts.kind === 'api'
          ? toApiModule(page, record.file)
          : facts.kind === 'handler'
            ? toHandlerModule(page, record)
            : toPageModule(page, record)
      if (middleware.length === 0) return { type: 'passed' }
      const { req, res, request } = exchange
      const info = { phase: 'request', route, pathname: request.pathname, request: req } as const
      const onLateError = (error: unknown) => onError(error, info)
      const about = { values: exchange.draft === undefined ? values : undefined }
      const passage = await withProduction(about, () =>
        runMiddleware(middleware, { exchange, params, onLateError }),
      )
      // Whoever has answered and calls `next` all the same means nothing by it.
      return passage.type === 'passed' && (res.headersSent || res.destroyed) ? { type: 'answered' } : passage
    },
  }
}
