const sections = ['Stamps', 'Letters', 'Envelopes', 'Albums', 'Magnifiers', 'Catalogues']

/** The frame of every page: plain markup, no links of the library, so that a bare render of the same tree is fair. */
export default function Shell({ children }) {
  return (
    <div className="shell">
      <header>
        <a href="/">Bench</a>
        <nav>
          {sections.map((name) => (
            <a key={name} href={`/${name.toLowerCase()}`}>
              {name}
            </a>
          ))}
        </nav>
      </header>
      <main>{children}</main>
      <footer>
        {sections.map((name) => (
          <p key={name}>{name}: delivered within three days, returned within thirty.</p>
        ))}
      </footer>
    </div>
  )
}
