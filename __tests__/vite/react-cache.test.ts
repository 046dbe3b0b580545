import { parseSync } from 'vite'
import { reactCache } from '../../lib/vite/react-cache.js'

interface Transform {
  readonly filter: { readonly code: RegExp }
  handler(this: object, code: string, id: string): { code: string } | undefined
}

/** What the plugin makes of a module, for the server or for browsers. */
function transform(code: string, consumer: 'server' | 'client' = 'server'): string {
  const { filter, handler } = reactCache().transform as unknown as Transform
  if (!filter.code.test(code)) return code
  const made =
    handler.call({ environment: { config: { consumer } } }, code, '/site/lib/data.js')?.code ?? code
  expect(parseSync('x.js', made, { lang: 'js' }).errors).toEqual([])
  expect(made.split('\n')).toHaveLength(code.split('\n').length)
  return made
}

const OURS = "import { cache as cache } from 'pagepress';"

describe("React's cache in server code", () => {
  it.each([
    ["import { cache } from 'react'", OURS],
    ['import { cache } from "react"; load()', `${OURS} load()`],
    ["import { cache as once } from 'react'", "import { cache as once } from 'pagepress';"],
    ["import { use, cache } from 'react'", `import { "use" as use } from 'react';${OURS}`],
    [
      "import React, {\n  useState as state,\n  cache,\n} from 'react'\nnext()",
      `import React, { "useState" as state } from 'react';${OURS}\n\n\n\nnext()`,
    ],
    ["import React, { cache } from 'react'", `import React, {  } from 'react';${OURS}`],
  ])('is ours: %s', (code, expected) => {
    expect(transform(code)).toBe(expected)
  })

  it.each([
    "import { cache } from 'other'",
    "import { useState } from 'react'",
    "import * as cache from 'react'",
    "import { useState } from 'react'\nimport { cache } from 'pagepress'",
    "import { cache } from 'pagepress'\nimport { useState } from 'react'",
  ])('is nothing else: %s', (code) => {
    expect(transform(code)).toBe(code)
  })

  it('stays as it is in browsers, where nothing is loaded by it', () => {
    const code = "import { cache } from 'react'"
    expect(transform(code, 'client')).toBe(code)
  })
})
