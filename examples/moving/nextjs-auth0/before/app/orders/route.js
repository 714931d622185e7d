// app/orders/route.js
import { auth0 } from '../../lib/auth0.js'

export async function GET() {
  const { token } = await auth0.getAccessToken()
  return fetch(`${process.env.API}/orders`, { headers: { authorization: `Bearer ${token}` } })
}
