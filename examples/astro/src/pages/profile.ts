import { withSession } from '../bff.ts'

export const GET = withSession((_context, { userId }) => Response.json({ user: userId }))
