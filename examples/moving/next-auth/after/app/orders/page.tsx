// app/orders/page.tsx
import { redirect } from 'next/navigation.js'
import { Suspense } from 'react'
import { API, callOrders, getSession } from '../../lib/bff.ts'

export default function Page() {
  return (
    <Suspense>
      <Orders />
    </Suspense>
  )
}

async function Orders() {
  const session = await getSession()
  if (session === null) redirect('/bff/login?returnTo=/orders')
  const orders = await callOrders(session, `${API}/orders`)
  return <pre>{await orders.text()}</pre>
}
