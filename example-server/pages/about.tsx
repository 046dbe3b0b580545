import { Head, Link } from 'pagepress/react'
import styles from './about.module.css'

export default function About() {
  return (
    <>
      <Head>
        <title>About – Nowhere Post</title>
      </Head>
      <article className={styles.letter}>
        <h1>About the shop</h1>
        <p className={styles.opening}>
          A country needs very little to exist: a name, a coin, and somebody who will carry a letter out of
          it. The third is the hard part.
        </p>
        <p>
          We deal in the stamps of places that managed only the first two. Ostravia lasted forty-eight years
          and printed beautifully. Vell had no coast and a navy. Petrel Bank had one inhabitant, who bought
          everything it issued and is the reason that complete sheets are so hard to find today.
        </p>
        <h2>How the stamps are made</h2>
        <p>
          Nothing here was drawn by hand, and nothing was photographed. Each catalogue number is turned into a
          country, a picture, an ink, a year and a state of preservation, always the same ones, and the
          picture is drawn from those. Number 42 has been number 42 since the shop opened.
        </p>
        <h2>How they are sent</h2>
        <p>
          Flat, between two cards, in an envelope like the one on the front page. Orders are written down
          faithfully and a receipt is printed. Nothing is charged, and nothing arrives, which is in keeping
          with the stock.
        </p>
        <h2>How to read a lot</h2>
        <dl className={styles.terms}>
          <dt>Mint</dt>
          <dd>Never posted. Most people’s stamps, had they lived there.</dd>
          <dt>Used</dt>
          <dd>Postmarked. Cheaper, and in our view better company.</dd>
          <dt>Perforation</dt>
          <dd>Holes in two centimetres. Collectors of a certain kind will ask.</dd>
          <dt>Recess-printed</dt>
          <dd>From an engraved plate. You can feel the lines with a fingernail, if you are allowed to.</dd>
        </dl>
        <p>
          <Link href="/products">Open the catalogue</Link>, or{' '}
          <Link href="/products?q=Petrel">see what is left of Petrel Bank</Link>.
        </p>
      </article>
    </>
  )
}
