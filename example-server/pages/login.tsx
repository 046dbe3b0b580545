import type { GetServerSideProps, InferGetServerSidePropsType } from 'pagepress'
import { Head } from 'pagepress/react'
import controls from '../components/controls.module.css'
import styles from './login.module.css'

interface LoginProps {
  next: string
  message: string | null
  name: string | null
}

const MESSAGES = {
  wrong: 'That name and password do not belong together.',
  admin: 'The back room is for the postmaster. Sign in as one to go on.',
}

/** Shows the form. What it sends is the business of the Express app, which sends people back here when it is wrong. */
export const getServerSideProps = (async ({ req, query }) => {
  const message = query.error === 'wrong' ? MESSAGES.wrong : query.need === 'admin' ? MESSAGES.admin : null
  const next = typeof query.next === 'string' ? query.next : '/account'
  return { props: { next, message, name: req.session.user?.name ?? null } }
}) satisfies GetServerSideProps<LoginProps>

export default function Login({
  next,
  message,
  name,
}: InferGetServerSidePropsType<typeof getServerSideProps>) {
  return (
    <div className={styles.window}>
      <Head>
        <title>Sign in – Nowhere Post</title>
        <meta name="robots" content="noindex" />
      </Head>
      <h1>Sign in</h1>
      {message === null ? null : (
        <p className={`${controls.note} ${controls.warning}`} role="alert">
          {message}
        </p>
      )}
      {name === null ? null : <p>You are signed in as {name}.</p>}
      <form action="/login" method="post" className={styles.form}>
        <input type="hidden" name="next" value={next} />
        <div>
          <label className={controls.label} htmlFor="name">
            Name
          </label>
          <input
            id="name"
            className={controls.field}
            name="name"
            autoComplete="username"
            autoCapitalize="none"
            required
          />
        </div>
        <div>
          <label className={controls.label} htmlFor="password">
            Password
          </label>
          <input
            id="password"
            className={controls.field}
            name="password"
            type="password"
            autoComplete="current-password"
            required
          />
        </div>
        <button className={`${controls.button} ${controls.primary}`}>Sign in</button>
      </form>
      <p className={styles.hint}>
        This is an example, so here are the keys: <code>ada</code> with <code>lovelace</code> buys stamps, and{' '}
        <code>admin</code> with <code>postmaster</code> prices them.
      </p>
    </div>
  )
}
