import '@bff/demo/style.css'
import './own.css'
import type { Metadata, Viewport } from 'next'
import type { ReactNode } from 'react'
import { Account } from '../components/account.tsx'
import { Shield } from '../components/icons.tsx'
import { PageSession } from '../components/page-session.tsx'
import { getSession } from '../lib/bff.ts'
import { personOf } from '../lib/person.ts'

export const viewport: Viewport = { colorScheme: 'light dark' }

export async function generateMetadata(): Promise<Metadata> {
  const session = await getSession()
  const person = session === null ? null : await personOf(session)
  return {
    title: person === null ? 'No token in the browser' : `${person.name} · No token in the browser`,
    description: 'A Next.js app that signs in, calls an API and holds no token.',
  }
}

export default async function Layout({ children }: { children: ReactNode }) {
  const session = await getSession()
  return (
    <html lang="en">
      <body>
        <a className="skip" href="#main">
          Skip to the content
        </a>
        <PageSession userId={session?.userId ?? null}>
          <header className="bar">
            <a className="brand" href="/">
              <Shield />
              <span>Backend for Frontend</span>
            </a>
            {session !== null && <Account person={await personOf(session)} />}
          </header>
          <main id="main" tabIndex={-1}>
            {children}
          </main>
        </PageSession>
        <footer className="foot">
          <p>A demo on your machine. Nothing here leaves it.</p>
        </footer>
      </body>
    </html>
  )
}
