// @ts-check

/**
 * One line for each answer: method, URL, status, and how long it took.
 * @param {import('express').Request} req
 * @param {import('express').Response} res
 * @param {import('express').NextFunction} next
 */
export function logRequests(req, res, next) {
  const started = performance.now()
  res.on('finish', () => {
    const took = (performance.now() - started).toFixed(1)
    console.log(`${req.method} ${req.originalUrl} ${res.statusCode} ${took} ms`)
  })
  next()
}
