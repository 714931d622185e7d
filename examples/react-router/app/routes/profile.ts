import { withSession } from '../bff.server.ts'

export const loader = withSession((_args, { userId }) => Response.json({ user: userId }))
