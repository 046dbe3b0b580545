// What TypeScript must be told of a project beside its own files. The project's `pagepress-env.d.ts` refers to it.

// CSS modules, images and other files, as the bundler gives them.
/// <reference types="vite/client" />

declare namespace NodeJS {
  interface ProcessEnv {
    readonly NODE_ENV: 'development' | 'production' | 'test'
    [name: string]: string | undefined
  }
  interface Process {
    env: ProcessEnv
  }
}
// The same as Node's own types say, for projects that have none.
declare var process: NodeJS.Process

// `next/*` is understood when pages are bundled, whether or not there is such a package.
declare module 'next' {
  export * from 'pagepress/next/index'
}
declare module 'next/app' {
  export * from 'pagepress/next/app'
  export { default } from 'pagepress/next/app'
}
declare module 'next/compat/router' {
  export * from 'pagepress/next/compat/router'
}
declare module 'next/document' {
  export * from 'pagepress/next/document'
  export { default } from 'pagepress/next/document'
}
declare module 'next/dynamic' {
  export * from 'pagepress/next/dynamic'
  export { default } from 'pagepress/next/dynamic'
}
declare module 'next/error' {
  export * from 'pagepress/next/error'
  export { default } from 'pagepress/next/error'
}
declare module 'next/head' {
  export * from 'pagepress/next/head'
  export { default } from 'pagepress/next/head'
}
declare module 'next/link' {
  export * from 'pagepress/next/link'
  export { default } from 'pagepress/next/link'
}
declare module 'next/router' {
  export * from 'pagepress/next/router'
  export { default } from 'pagepress/next/router'
}
declare module 'next/script' {
  export * from 'pagepress/next/script'
  export { default } from 'pagepress/next/script'
}
