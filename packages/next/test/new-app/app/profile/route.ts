import { withSession } from '../../lib/bff.ts'

export const GET = withSession(async (_request, session) => Response.json({ user: session.userId }))
