// app/profile/route.ts
import { withSession } from '../../lib/bff.ts'

export const GET = withSession(async (_request, session) => {
  const { claims } = await session.identity()
  return Response.json({ name: claims['name'] })
})
