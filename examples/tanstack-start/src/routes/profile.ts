import { createFileRoute } from '@tanstack/react-router'
import { withSession } from '../bff.ts'

const profile = withSession((_event, { userId }) => Response.json({ user: userId }))

export const Route = createFileRoute('/profile')({ server: { handlers: { GET: profile } } })
