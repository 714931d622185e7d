import { Suspense } from 'react'
import { getSession } from '../lib/bff.ts'
import { Orders } from './orders.tsx'

/** Made ahead of requests, but for what depends on who asks: that must stand inside `Suspense`. */
export default function Page() {
  return (
    <Suspense>
      <Home />
    </Suspense>
  )
}

async function Home() {
  const session = await getSession()
  if (session === null) return <a href="/bff/login">Sign in</a>
  const { claims } = await session.identity()
  return (
    <>
      <p>Hello, {String(claims['name'])}.</p>
      <Orders />
    </>
  )
}
