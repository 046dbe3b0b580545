import type { Request, Response } from 'express'
import { createTestApp, type TestApp, type TestAppOptions } from 'pagepress/testing'
import { createClock, type FakeClock } from './clock.js'
import { serve, type RunningServer } from './serve.js'

/** A route that answers with what a function makes of the request, as JSON. */
export const api = (answer: (req: Request, res: Response) => unknown) => ({
  default: async (req: Request, res: Response) => void res.json(await answer(req, res)),
})

/** A page that shows what its data function got from `load`, for each request or kept. */
export const serverPage = (load: (id: string) => unknown) => ({
  default: ({ shown }: { shown: unknown }) => <p>{JSON.stringify(shown)}</p>,
  getServerSideProps: async ({ query }: { query: { id?: string } }) => ({
    props: { shown: await load(query.id ?? '') },
  }),
})

export const staticPage = (load: (id: string) => unknown, more: object = {}) => ({
  default: ({ shown }: { shown: unknown }) => <p>{JSON.stringify(shown)}</p>,
  getStaticPaths: () => ({ paths: [], fallback: 'blocking' }),
  getStaticProps: async ({ params }: { params: { id: string } }) => ({
    props: { shown: await load(params.id) },
    ...more,
  }),
})

export interface CachedSite extends TestApp, RunningServer {
  readonly clock: FakeClock
  /** The JSON that a route answered with, or what a page shows. */
  show(path: string): Promise<unknown>
}

/** A site with a clock of its own, whose answers are read as what they show. */
export async function openSite(
  given: Partial<TestAppOptions> & Pick<TestAppOptions, 'pages'>,
): Promise<CachedSite> {
  const clock = createClock()
  const test = createTestApp({ now: clock.now, ...given })
  const server = await serve(test.app)
  return {
    ...test,
    ...server,
    clock,
    async show(path) {
      const { status, body } = await server.ask(path)
      if (status !== 200) return status
      if (!body.startsWith('<')) return JSON.parse(body) as unknown
      const text = /<p>(.*?)<\/p>/s.exec(body)?.[1] ?? ''
      return JSON.parse(text.replaceAll('&quot;', '"')) as unknown
    },
  }
}
