import type { Metadata } from 'next'
import type { ReactNode } from 'react'
import { Account } from '../../components/account.tsx'
import { Brand } from '../../components/brand.tsx'
import { PageSession } from '../../components/page-session.tsx'
import { getSession } from '../../lib/bff.ts'
import { personOf } from '../../lib/person.ts'

export async function generateMetadata(): Promise<Metadata> {
  const session = await getSession()
  const person = session === null ? null : await personOf(session)
  return {
    title: person === null ? 'No token in the browser' : `${person.name} · No token in the browser`,
    description: 'A Next.js app that signs in, calls an API and holds no token.',
  }
}

export default async function AppLayout({ children }: { children: ReactNode }) {
  const session = await getSession()
  return (
    <PageSession userId={session?.userId ?? null}>
      <header className="bar">
        <Brand />
        {session !== null && <Account person={await personOf(session)} />}
      </header>
      <main id="main" tabIndex={-1}>
        {children}
      </main>
    </PageSession>
  )
}
