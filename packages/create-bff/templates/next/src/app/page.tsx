import { Suspense } from 'react'
import { getSession } from '../session.ts'
import { Account } from './account.tsx'

export default function Page() {
  return (
    <Suspense>
      <Home />
    </Suspense>
  )
}

async function Home() {
  const session = await getSession()
  if (session === null)
    return (
      <>
        <h1>Welcome</h1>
        <p>
          <a href="/bff/login">Sign in</a>
        </p>
      </>
    )
  const { claims } = await session.identity()
  return (
    <>
      <h1>{`Hello, ${claims['name'] ?? session.userId}`}</h1>
      <Account />
    </>
  )
}
