import { use, useState, type ComponentType, type ReactNode } from 'react'
import request from 'supertest'
import { cache, type LayoutProps, type PageProps } from 'pagepress'
import { useRouter } from 'pagepress/react'
import { createTestApp, type MemoryPages } from 'pagepress/testing'
import { failOnConsole } from '../support/console.js'
import { readPayload } from '../support/page-data.js'

failOnConsole()

const wrap = (name: string) =>
  function Layout({ children, params }: LayoutProps) {
    return (
      <div id={name} data-params={JSON.stringify(params)}>
        {children}
      </div>
    )
  }

async function bodyOf(pages: MemoryPages, path: string, status = 200): Promise<string> {
  const { app, errors } = createTestApp({ pages })
  const { text } = await request(app).get(path).expect(status)
  expect(errors).toEqual([])
  return /<div id="__page">(.*?)<\/div><script/.exec(text)![1]!.replaceAll('&quot;', '"')
}

async function messageOf(pages: MemoryPages, path = '/a/b'): Promise<string> {
  const { app, errors } = createTestApp({ pages })
  await request(app).get(path).expect(500)
  return String(errors[0])
}

const page = { default: () => <p>page</p> }

describe('a layout', () => {
  it('wraps the pages of its folder and below, outer ones around inner ones', async () => {
    const pages = {
      '/_layout': { default: wrap('root') },
      '/shop/_layout': { default: wrap('shop') },
      '/shop/cart': page,
      '/shopping': page,
    }
    expect(await bodyOf(pages, '/shop/cart')).toBe(
      '<div id="root" data-params="{}"><div id="shop" data-params="{}"><p>page</p></div></div>',
    )
    expect(await bodyOf(pages, '/shopping')).toBe('<div id="root" data-params="{}"><p>page</p></div>')
  })

  it('gets the parameters of its own part of the route, per request and once', async () => {
    const pages = {
      '/[a]/_layout': { default: wrap('a') },
      '/[a]/[b]/_layout': { default: wrap('b') },
      '/[a]/[b]/live': { default: page.default, getServerSideProps: () => ({ props: {} }) },
      '/[a]/[b]/once': {
        default: page.default,
        getStaticProps: () => ({ props: {} }),
        getStaticPaths: () => ({ paths: [], fallback: 'blocking' }),
      },
      '/[a]/[b]/any': page,
    }
    const both =
      '<div id="a" data-params="{"a":"1"}"><div id="b" data-params="{"a":"1","b":"2"}"><p>page</p></div></div>'
    expect(await bodyOf(pages, '/1/2/live?a=x&c=y')).toBe(both)
    expect(await bodyOf(pages, '/1/2/once?a=x')).toBe(both)
    // Made once for all its paths: only the browser knows which one this is.
    expect(await bodyOf(pages, '/1/2/any')).toBe(
      '<div id="a" data-params="{}"><div id="b" data-params="{}"><p>page</p></div></div>',
    )
  })

  it('stands inside _app, whose props reach the page and whose contexts reach the layout', async () => {
    function App({ Component, pageProps }: { Component: ComponentType<any>; pageProps: object }) {
      return (
        <main>
          <Component {...pageProps} extra="from app" />
        </main>
      )
    }
    function Layout({ children }: { children: ReactNode }) {
      const [count] = useState(7)
      return (
        <nav title={useRouter().asPath}>
          {count}
          {children}
        </nav>
      )
    }
    const Page = (props: object) => <p>{JSON.stringify(props)}</p>
    const pages = {
      '/_app': { default: App },
      '/_layout': { default: Layout },
      '/p': { default: Page, getServerSideProps: () => ({ props: { own: 1 } }) },
    }
    expect(await bodyOf(pages, '/p?x=1')).toBe(
      '<main><nav title="/p?x=1">7<p>{"own":1,"extra":"from app"}</p></nav></main>',
    )
  })

  it('of the pages folder wraps the 404 page, too', async () => {
    const pages = {
      '/_layout': { default: wrap('root') },
      '/404': { default: () => <p>missing</p> },
      '/p': page,
    }
    const { app } = createTestApp({ pages, options: { fallthrough: false } })
    const { text } = await request(app).get('/nowhere').expect(404)
    expect(text).toContain('<div id="root" data-params="{}"><p>missing</p></div>')
  })

  it('does not wrap the page for errors, because it may be what failed', async () => {
    const Broken = () => {
      throw new Error('broken shelf')
    }
    const pages = { '/_layout': { default: Broken }, '/500': { default: () => <p>sorry</p> }, '/p': page }
    const { app } = createTestApp({ pages })
    const { text } = await request(app).get('/p').expect(500)
    expect(text).toContain('<div id="__page"><p>sorry</p></div>')
  })

  it('is no page, and has no data', async () => {
    const { app } = createTestApp({ pages: { '/_layout': { default: wrap('root') }, '/p': page } })
    await request(app).get('/_layout').expect(404)
    await request(app).get('/_data/_layout.json').expect(404)
  })

  it('that throws fails the page, with the error that it threw', async () => {
    const failure = new Error('broken shelf')
    const Broken = () => {
      throw failure
    }
    expect(await messageOf({ '/a/_layout': { default: Broken }, '/a/b': page })).toContain('broken shelf')
  })

  it.each([
    ['no component', {}, /`pages\/a\/_layout\.tsx` has no default export/],
    [
      'a data function',
      { default: wrap('x'), getStaticProps: () => ({}) },
      /`getStaticProps`, which has no effect in a layout/,
    ],
    [
      'a function for the browser',
      { default: wrap('x'), getClientProps: () => ({}) },
      /`getClientProps`, which has no effect in a layout/,
    ],
    ['revalidate', { default: wrap('x'), revalidate: 5 }, /`revalidate`, which has no effect in a layout/],
    [
      'a list without a parameter',
      { default: wrap('x'), generateStaticParams: () => [] },
      /there is no parameter in its place/,
    ],
  ])('with %s says what is wrong', async (_name, layout, message) => {
    expect(await messageOf({ '/a/_layout': layout, '/a/b': page })).toMatch(message)
  })
})

describe('a page with generateStaticParams', () => {
  const generateStaticParams = () => [{ slug: 'a' }]

  it('gets its parameters as a promise that also reads at once', async () => {
    const seen: unknown[] = []
    function Post({ params }: PageProps<'/post/[slug]'>) {
      seen.push(params instanceof Promise, Object.keys(params), use(params), params.slug)
      return <p>{params.slug}</p>
    }
    const { app } = createTestApp({ pages: { '/post/[slug]': { default: Post, generateStaticParams } } })
    const { text } = await request(app).get('/post/x%20y?slug=other').expect(200)
    expect(seen).toEqual([true, ['slug'], { slug: 'x y' }, 'x y'])
    expect(text).toContain('<p>x y</p>')
    expect(readPayload(text)).toMatchObject({ gsp: true, query: { slug: 'x y' }, props: { pageProps: {} } })
  })

  it('can await parameters whose names a promise has taken', async () => {
    function Post({ params }: PageProps<'/[status]/[then]'>) {
      return <p>{JSON.stringify(use(params))}</p>
    }
    const module = { default: Post, generateStaticParams: () => [] }
    expect(await bodyOf({ '/[status]/[then]': module }, '/draft/now')).toBe(
      '<p>{"status":"draft","then":"now"}</p>',
    )
  })

  it('shows nothing of who asks: search, headers and cookies are not there', async () => {
    const Post = () => <p>{JSON.stringify(useRouter().query)}</p>
    const { app } = createTestApp({ pages: { '/p/[slug]': { default: Post, generateStaticParams } } })
    await request(app)
      .get('/p/a?evil=1')
      .set('Cookie', 'a=b')
      .expect(200, /&quot;slug&quot;:&quot;a&quot;\}</)
  })

  it('is produced for each request with force-dynamic, and then knows the search', async () => {
    const Post = ({ params }: PageProps<'/p/[slug]'>) => (
      <p>{JSON.stringify([params.slug, useRouter().query])}</p>
    )
    const pages = { '/p/[slug]': { default: Post, generateStaticParams, dynamic: 'force-dynamic' } }
    expect(await bodyOf(pages, '/p/a?b=1')).toBe('<p>["a",{"b":"1","slug":"a"}]</p>')
  })

  it.each([
    [{ getServerSideProps: () => ({ props: {} }) }, /both `generateStaticParams` and `getServerSideProps`/],
    [
      { getStaticPaths: () => ({ paths: [], fallback: false }), getStaticProps: () => ({ props: {} }) },
      /both `generateStaticParams` and `getStaticPaths`/,
    ],
    [
      { getStaticProps: () => ({ props: {} }), dynamic: 'force-dynamic' },
      /both `dynamic = 'force-dynamic'` and `getStaticProps`/,
    ],
    [{ generateStaticParams: [] }, /`generateStaticParams`, but it is no function/],
  ])('and what contradicts it is refused: %#', async (exports, message) => {
    const module = { default: () => null, generateStaticParams, ...exports }
    expect(await messageOf({ '/[slug]': module }, '/x')).toMatch(message)
  })

  it('needs parameters in its route', async () => {
    expect(await messageOf({ '/p': { default: () => null, generateStaticParams } }, '/p')).toMatch(
      /`pages\/p\.tsx` exports `generateStaticParams`, but its route has no parameters/,
    )
  })
})

describe('a layout that closes what is below it', () => {
  const closed = { default: ({ children }: { children: ReactNode }) => <>{children}</>, dynamicParams: false }

  it('needs somebody who lists the paths', async () => {
    expect(await messageOf({ '/shop/_layout': closed, '/shop/[id]': page }, '/shop/1')).toMatch(
      /`pages\/shop\/_layout\.tsx` exports `dynamicParams = false`, but nothing lists the paths of `pages\/shop\/\[id\]\.tsx`/,
    )
  })

  it('closes nothing that has no parameters, is produced for each request, or has a list of its own', async () => {
    const pages = {
      '/shop/_layout': closed,
      '/shop/about': page,
      '/shop/of/[user]': { ...page, getServerSideProps: () => ({ props: {} }) },
      '/shop/for/[user]': { ...page, dynamic: 'force-dynamic' },
      '/shop/[id]': {
        ...page,
        getStaticPaths: () => ({ paths: [], fallback: 'blocking' }),
        getStaticProps: () => ({ props: {} }),
      },
    }
    const { app } = createTestApp({ pages })
    for (const path of ['/shop/about', '/shop/of/ann', '/shop/for/ann', '/shop/1'])
      await request(app).get(path).expect(200)
  })
})

describe('a page without a data function', () => {
  it('is produced for each request with force-dynamic', async () => {
    const Page = () => <p>{JSON.stringify(useRouter().query)}</p>
    const { app } = createTestApp({ pages: { '/p': { default: Page, dynamic: 'force-dynamic' } } })
    const { text, headers } = await request(app).get('/p?a=1').expect(200)
    expect(text).toContain('<p>{&quot;a&quot;:&quot;1&quot;}</p>')
    expect(headers['cache-status']).toBe('pagepress; fwd=bypass')
    await request(app).get('/_data/p.json').expect(404)
  })

  it('is due again after its own revalidate', async () => {
    let time = 1_000_000
    let renders = 0
    const Page = () => <p>{++renders}</p>
    const { app, settled } = createTestApp({
      pages: { '/p': { default: Page, revalidate: 10 } },
      now: () => time,
    })
    const seen = async () => {
      const { text } = await request(app).get('/p')
      await settled()
      return /<p>(\d+)</.exec(text)![1]
    }
    expect([await seen(), await seen()]).toEqual(['1', '1'])
    time += 11_000
    expect([await seen(), await seen()]).toEqual(['1', '2'])
  })

  it('may export a list that is called like a method', async () => {
    expect(await bodyOf({ '/p': { ...page, OPTIONS: ['a'] } }, '/p')).toBe('<p>page</p>')
  })

  it('may have an export called dynamic that is no word', async () => {
    expect(await bodyOf({ '/p': { ...page, dynamic: () => null } }, '/p')).toBe('<p>page</p>')
  })
})

describe('a loader wrapped by cache', () => {
  it('runs once in one production of a page, and anew in the next', async () => {
    const calls: string[] = []
    const load = cache(async (id: string) => void calls.push(id))
    const Page = () => <p>{String(use(load('x')))}</p>
    const getServerSideProps = async () => {
      await Promise.all([load('x'), load('x')])
      return { props: {} }
    }
    const { app } = createTestApp({ pages: { '/p': { default: Page, getServerSideProps } } })
    await request(app).get('/p').expect(200)
    expect(calls).toEqual(['x'])
    await request(app).get('/p').expect(200)
    expect(calls).toEqual(['x', 'x'])
  })
})
