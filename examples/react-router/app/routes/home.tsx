import { useEffect, useState } from 'react'
import { Link, type LoaderFunctionArgs, useLoaderData } from 'react-router'
import { getSession } from '../bff.server.ts'

export async function loader(args: LoaderFunctionArgs) {
  const session = await getSession(args)
  if (session === null) return { name: null }
  const { claims } = await session.identity()
  return { name: String(claims['name']) }
}

async function ask(path: string): Promise<unknown> {
  return (await fetch(path, { headers: { 'X-CSRF': '1' } })).json()
}

export default function Home() {
  const { name } = useLoaderData<typeof loader>()
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
