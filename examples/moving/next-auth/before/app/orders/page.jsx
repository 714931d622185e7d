// app/orders/page.jsx
import { redirect } from 'next/navigation'
import { auth } from '../../auth.js'

export default async function Orders() {
  const session = await auth()
  if (!session) redirect('/api/auth/signin')
  const headers = { authorization: `Bearer ${session.accessToken}` }
  const orders = await fetch(`${process.env.API}/orders`, { headers })
  return <pre>{await orders.text()}</pre>
}
