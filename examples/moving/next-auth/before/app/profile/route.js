// app/profile/route.js
import { redirect } from 'next/navigation'
import { auth } from '../../auth.js'

export async function GET() {
  const session = await auth()
  if (!session) redirect('/api/auth/signin')
  return Response.json({ name: session.user.name })
}
