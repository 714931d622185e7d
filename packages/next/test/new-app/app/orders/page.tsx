import type { Metadata } from 'next'
import { redirect } from 'next/navigation.js'
import { Suspense } from 'react'
import { getSession } from '../../lib/bff.ts'

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getSession())?.userId ?? 'Welcome' }
}

export default function Page() {
  return (
    <Suspense fallback={<p>One moment</p>}>
      <Hello />
    </Suspense>
  )
}

async function Hello() {
  const session = await getSession()
  if (session === null) redirect('/bff/login?returnTo=/shop/orders/')
  return <h1>Hello, {session.userId}</h1>
}
