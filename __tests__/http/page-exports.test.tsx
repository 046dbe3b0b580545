import request from 'supertest'
import { createTestApp } from 'pagepress/testing'
import { failOnConsole } from '../support/console.js'

failOnConsole()

const blank = () => null
const props = () => ({ props: {} })
const paths = () => ({ paths: [], fallback: false })
const withInitialProps = (): object => Object.assign(() => null, { getInitialProps: () => ({}) })

/** What a page with these exports leads to: a 500 and an error that names its file. */
async function errorOf(exports: Record<string, unknown>, route = '/p'): Promise<string> {
  const { app, errors } = createTestApp({ pages: { [route]: exports } })
  await request(app)
    .get(route.replace(/\[.*?\]/, 'x'))
    .expect(500)
  expect(errors).toHaveLength(1)
  expect(errors[0]).toMatchObject({ name: 'PagesError' })
  return String(errors[0])
}

describe('a page that exports', () => {
  it('no component says so, and what to write [8.38]', async () => {
    expect(await errorOf({})).toMatch(/`pages\/p\.tsx` has no default export\. Export the page's component/)
    for (const value of [{}, 'text', 5, <p key="x">element</p>])
      expect(await errorOf({ default: value })).toMatch(/`pages\/p\.tsx`.*not a React Component/)
  })

  it.each([
    [
      { getServerSideProps: props, getStaticProps: props },
      /`getServerSideProps` and `getStaticProps`.*can not use/,
    ],
    [
      { getServerSideProps: props, getStaticPaths: paths },
      /`getServerSideProps` and `getStaticPaths`.*can not use/,
    ],
    [
      { default: withInitialProps(), getServerSideProps: props },
      /both `getInitialProps` and `getServerSideProps`/,
    ],
    [{ default: withInitialProps(), getStaticProps: props }, /both `getInitialProps` and `getStaticProps`/],
  ])('functions that exclude each other (%#) names both [2.37]', async (exports, message) => {
    const text = await errorOf({ default: blank, ...exports })

    expect(text).toContain('`pages/p.tsx`')
    expect(text).toMatch(message)
  })

  it('getClientProps, and nothing for a first visit, is told what to export beside it', async () => {
    const getClientProps = () => ({ props: {} })
    const message =
      '`pages/p.tsx` exports `getClientProps` but neither `getServerSideProps` nor `getStaticProps`, so that a first visit has no props. Export one of them'
    expect(await errorOf({ default: blank, getClientProps })).toContain(message)
    expect(await errorOf({ default: withInitialProps(), getClientProps })).toContain(message)
  })

  it.each(['getClientProps', 'shouldRefetch'])('%s that is no function says so', async (name) => {
    expect(await errorOf({ default: blank, getServerSideProps: props, [name]: true })).toMatch(
      new RegExp(`\`pages/p.tsx\` exports \`${name}\`, but it is true and no function`),
    )
  })

  it.each(['getServerSideProps', 'getStaticProps', 'getStaticPaths'])(
    '%s attached to its component is told to export it [2.38]',
    async (name) => {
      expect(await errorOf({ default: Object.assign(() => null, { [name]: props }) })).toMatch(
        new RegExp(`\`pages/p.tsx\` attaches \`${name}\` to its component.*Export it`),
      )
    },
  )

  it.each(['getServerSideProps', 'getStaticProps', 'getStaticPaths'])(
    '%s that is no function says so [2.42]',
    async (name) => {
      expect(await errorOf({ default: blank, [name]: 'x' })).toMatch(
        new RegExp(`\`pages/p.tsx\` exports \`${name}\`, but it is no function`),
      )
    },
  )

  it('getStaticPaths where it does nothing, or not where it is needed, says so [4.11]', async () => {
    expect(await errorOf({ default: blank, getStaticProps: props, getStaticPaths: paths })).toMatch(
      /`pages\/p\.tsx` exports `getStaticPaths`, but its route has no parameters/,
    )
    expect(await errorOf({ default: blank, getStaticPaths: paths }, '/[id]')).toMatch(
      /`pages\/\[id\]\.tsx` exports `getStaticPaths` without `getStaticProps`, so it does nothing/,
    )
    expect(await errorOf({ default: blank, getStaticProps: props }, '/[id]')).toMatch(
      /`pages\/\[id\]\.tsx` exports `getStaticProps` but not `getStaticPaths`, which is required for dynamic static pages/,
    )
  })

  it('what is not supported says what it is', async () => {
    expect(await errorOf({ default: blank, config: { runtime: 'edge' } })).toMatch(/config\.runtime: "edge"/)
    expect(await errorOf({ default: blank, config: { amp: true } })).toMatch(
      /config\.amp.*AMP pages are not supported/,
    )
    expect(await errorOf({ default: blank, config: { stream: true } })).toMatch(
      /`pages\/p\.tsx` exports `config\.stream: true`: pages are rendered whole before they are sent\. Remove it/,
    )
  })
})

describe('routes that claim the same URLs', () => {
  it('are an error at the start, which names both files and their routes [1.25]', async () => {
    const { app, site, errors } = createTestApp({
      pages: { '/': { default: blank }, '/[[...slug]]': { default: blank } },
      after: (app) =>
        app.use(
          ((error, _req, res, _next) =>
            void res.status(500).send(String(error))) as import('express').ErrorRequestHandler,
        ),
    })

    await expect(site.ready()).rejects.toMatchObject({ code: 'PAGES_ROUTE_CONFLICT' })
    const { text } = await request(app).get('/').expect(500)
    expect(text).toContain('`pages/index.tsx` (/)')
    expect(text).toContain('`pages/[[...slug]].tsx` (/[[...slug]])')
    expect(errors).toHaveLength(1)
  })
})
