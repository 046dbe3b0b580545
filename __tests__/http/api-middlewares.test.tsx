import express, { type Request, type RequestHandler } from 'express'
import multer from 'multer'
import passport from 'passport'
import request from 'supertest'
import type { ApiHandler, PageConfig } from 'pagepress'
import { createTestApp } from 'pagepress/testing'
import { expressVersions } from '../support/express.js'
import { failOnConsole } from '../support/console.js'

failOnConsole()

const unread: PageConfig = { api: { bodyParser: false } }

/** Waits for a middleware inside a handler, as authors of API routes do. */
const through = (middleware: RequestHandler, ...[req, res]: Parameters<ApiHandler>) =>
  new Promise<void>((resolve, reject) =>
    middleware(req, res, (error?: unknown) => (error ? reject(error as Error) : resolve())),
  )

/** A strategy that knows one token, as strategies of passport are written. */
class TokenStrategy extends passport.Strategy {
  override readonly name = 'token'
  override authenticate(this: passport.StrategyCreated<this>, req: Request): void {
    const token = req.get('X-Token')
    if (token === 'broken') return this.error(new Error('user database down'))
    if (token === 'away') return this.redirect('/login')
    if (token === 'ada') return this.success({ name: 'Ada' } as Express.User)
    this.fail('Token realm="site"', 401)
  }
}

describe.each(expressVersions)('API routes on %s', (_name, createApp) => {
  const files = multer({ limits: { fileSize: 1000 } })

  it('take uploads with multer, in the handler or in front of it', async () => {
    const answer: ApiHandler = (req, res) => {
      const { file, body } = req as Request & { file: { originalname: string; buffer: Buffer } }
      res.json({
        name: file.originalname,
        bytes: file.buffer.length,
        title: (body as { title: string }).title,
      })
    }
    const { app } = createTestApp({
      createApp,
      pages: {
        '/api/inside': {
          default: async (...args: Parameters<ApiHandler>) => {
            await through(files.single('file'), ...args)
            await answer(...args)
          },
          config: unread,
        },
        '/api/before': { default: answer, config: unread, middleware: [files.single('file')] },
        // The body parser leaves alone what multer has read.
        '/api/parsed': { default: answer, middleware: files.single('file') },
      },
      after: (app) =>
        app.use(((error: Error, _req, res, _next) => {
          res.status(400).send(error.message)
        }) as express.ErrorRequestHandler),
    })
    const upload = (path: string, bytes = 10) =>
      request(app).post(path).field('title', 'é').attach('file', Buffer.alloc(bytes), 'a.bin')

    for (const path of ['/api/inside', '/api/before', '/api/parsed'])
      await upload(path).expect(200, { name: 'a.bin', bytes: 10, title: 'é' })
    await upload('/api/before', 1001).expect(400, 'File too large')
  })

  it('know users with passport, of the app or of the route', async () => {
    const passports = new passport.Passport()
    passports.use(new TokenStrategy())
    const authenticate = passports.authenticate('token', { session: false }) as RequestHandler
    const greet: ApiHandler = (req, res) =>
      res.send(`Hello, ${(req as Request & { user?: { name: string } }).user?.name ?? 'stranger'}`)
    const { app, errors } = createTestApp({
      createApp,
      pages: {
        '/api/of-app': { default: greet },
        '/api/before': { default: greet, middleware: [authenticate] },
        '/api/inside': {
          default: async (...args: Parameters<ApiHandler>) => {
            await through(authenticate, ...args)
            await greet(...args)
          },
        },
      },
      before: (app) => {
        app.use(passports.initialize() as RequestHandler)
        app.use('/api/of-app', authenticate)
      },
    })

    for (const path of ['/api/of-app', '/api/before', '/api/inside']) {
      await request(app).get(path).set('X-Token', 'ada').expect(200, 'Hello, Ada')
      const { headers } = await request(app).get(path).expect(401)
      expect(headers['www-authenticate']).toBe('Token realm="site"')
      const away = await request(app).get(path).set('X-Token', 'away').redirects(0).expect(302)
      expect(away.headers['location']).toBe('/login')
    }
    await request(app).get('/api/inside').set('X-Token', 'broken').expect(500, 'Internal Server Error')
    expect(errors).toEqual([new Error('user database down')])
  })

  it('read signed bodies with express.raw', async () => {
    const { app } = createTestApp({
      createApp,
      pages: {
        '/api/hook': {
          default: ((req, res) => res.send(String(Buffer.isBuffer(req.body)))) as ApiHandler,
          middleware: [express.raw({ type: 'application/json' })],
        },
      },
    })

    await request(app).post('/api/hook').send({ a: 1 }).expect(200, 'true')
  })
})
