// @ts-check

/**
 * One line for each answer: method, URL, status, and how long it took.
 * @type {import('express').RequestHandler}
 */
export function logRequests(req, res, next) {
  const started = performance.now()
  res.on('finish', () => {
    const took = (performance.now() - started).toFixed(1)
    console.log(`${req.method} ${req.originalUrl} ${res.statusCode} ${took} ms`)
  })
  next()
}
