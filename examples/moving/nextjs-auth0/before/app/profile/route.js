// app/profile/route.js
import { redirect } from 'next/navigation'
import { auth0 } from '../../lib/auth0.js'

export async function GET() {
  const session = await auth0.getSession()
  if (!session) redirect('/auth/login?returnTo=/profile')
  return Response.json({ name: session.user.name })
}
