import { createFileRoute, Link } from '@tanstack/react-router'
import { useEffect, useState } from 'react'
import { userName } from '../session.functions.ts'

export const Route = createFileRoute('/')({
  loader: () => userName(),
  component: Home,
})

async function ask(path: string): Promise<unknown> {
  return (await fetch(path, { headers: { 'X-CSRF': '1' } })).json()
}

function Home() {
  const name = Route.useLoaderData()
  const [orders, setOrders] = useState<unknown>()
  useEffect(() => {
    if (name !== null) void ask('/api/orders').then(setOrders)
  }, [name])
  if (name === null) return <a href="/bff/login">Sign in</a>
  return (
    <>
      <p>
        Hello, {name}. <Link to="/account">Account</Link>
      </p>
      <pre>{JSON.stringify(orders, null, 2)}</pre>
    </>
  )
}
