// Checked by `npm run typecheck`; nothing runs. A line below `@ts-expect-error` must be an error.
import type { NextFunction, Request, RequestHandler, Response } from 'express'
import {
  ApiError,
  type ApiHandler,
  type GetServerSideProps,
  type PageConfig,
  type PageMiddleware,
} from 'pagepress'

declare const middleware: RequestHandler
declare const takesExpress: (req: Request, res: Response, next: NextFunction) => void

/** What an API route gets is Express's own, and can be handed to whatever takes that. */
export const handler: ApiHandler = async (req, res) => {
  middleware(req, res, () => {})
  takesExpress(req, res, () => {})
  res.status(201).json({ user: req.cookies['user'], isDraft: req.draftMode === true })
  res.redirect('/there')
  res.redirect(301, '/there')
  res.setDraftMode({ enable: true }).status(204).end()
  res.setPreviewData({ branch: 'next' }, { maxAge: 60, path: '/blog' }).end()
  res.clearPreviewData({ path: '/blog' }).end()
  await res.revalidate('/blog', { unstable_onlyGenerated: true })
  // @ts-expect-error must be said
  res.setDraftMode({})
  // @ts-expect-error seconds are a number
  res.setPreviewData({}, { maxAge: '60' })
  throw new ApiError(422, 'The quantity is missing')
}
// @ts-expect-error a status is a number
export const wrongError = () => new ApiError('422', 'no number')

export const oneMiddleware: PageMiddleware = middleware
export const manyMiddlewares: PageMiddleware = [
  middleware,
  [(req: Request, _res: Response, next: NextFunction) => (req.get('X-User') ? next() : next('route'))],
  (_error, _req, res, _next) => void res.status(500).end(),
]
// @ts-expect-error no middleware
export const noMiddleware: PageMiddleware = ['auth']

export const config: PageConfig = {
  api: { bodyParser: { sizeLimit: '4mb' }, responseLimit: false, externalResolver: true },
}
// @ts-expect-error a size is a number or a text
export const wrongConfig: PageConfig = { api: { bodyParser: { sizeLimit: true } } }

export const withSignal: GetServerSideProps = async ({ signal, draftMode }) => {
  const answer = await fetch('https://example.com', { signal })
  const isDraft: true | undefined = draftMode
  return { props: { text: await answer.text(), isDraft: isDraft === true } }
}
