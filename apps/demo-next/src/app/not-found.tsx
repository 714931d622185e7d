import { connection } from 'next/server'
import { Brand } from '../components/brand.tsx'

/** Made for each request like every page: the Content Security Policy names the nonce of that one. */
export default async function NotFound() {
  await connection()
  return (
    <>
      <header className="bar">
        <Brand />
      </header>
      <main id="main" tabIndex={-1}>
        <section className="waiting" aria-labelledby="not-found-title">
          <h1 id="not-found-title">There is no such page</h1>
          <p className="soft">The address may be mistyped, or the page has gone.</p>
          <a className="button" href="/">
            Back to the demo
          </a>
        </section>
      </main>
    </>
  )
}
