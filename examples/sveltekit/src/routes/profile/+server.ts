import { withSession } from '$lib/server/bff.ts'

export const GET = withSession((_event, { userId }) => Response.json({ user: userId }))
