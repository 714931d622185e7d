'use client'

import { useEffect, useState } from 'react'

const ask = async (path: string) => (await fetch(path, { headers: { 'X-CSRF': '1' } })).json()

/** What the API knows of the user, asked for by the browser through the BFF. */
export function Orders() {
  const [orders, setOrders] = useState<unknown>(null)
  useEffect(() => {
    ask('/api/orders').then(setOrders, console.error)
  }, [])
  return (
    <>
      <form method="post" action="/bff/logout">
        <button type="submit">Sign out</button>
      </form>
      <pre>{JSON.stringify(orders, null, 2)}</pre>
    </>
  )
}
