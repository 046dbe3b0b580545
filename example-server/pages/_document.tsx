import { Head, Html, Main, Scripts } from 'pagepress/document'

export default function Document() {
  return (
    <Html lang="en">
      <Head />
      <body>
        <Main />
        <Scripts />
      </body>
    </Html>
  )
}
