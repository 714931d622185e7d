'use client'

import { useEffect, useState } from 'react'

const ask = async (path: string) => (await fetch(path, { headers: { 'X-CSRF': '1' } })).json()

/** What the API knows of the user, asked for by the browser through the BFF. */
export function Orders() {
  const [orders, setOrders] = useState<unknown>(null)
  const [signOut, setSignOut] = useState<string>()
  useEffect(() => {
    ask('/api/orders').then(setOrders, console.error)
    ask('/bff/user').then((claims: ReadonlyArray<{ type: string; value: string }>) => {
      setSignOut(claims.find(({ type }) => type === 'bff:logout_url')?.value)
    }, console.error)
  }, [])
  return (
    <>
      <p>
        <a href={signOut}>Sign out</a>
      </p>
      <pre>{JSON.stringify(orders, null, 2)}</pre>
    </>
  )
}
