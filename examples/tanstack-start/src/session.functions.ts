import { createServerFn } from '@tanstack/react-start'
import { getRequest } from '@tanstack/react-start/server'
import { getSession, requireSession } from './bff.ts'

/** The name of the user, or `null`. */
export const userName = createServerFn().handler(async () => {
  const session = await getSession({ request: getRequest() })
  if (session === null) return null
  const { claims } = await session.identity()
  return String(claims['name'])
})

/** Sends a visitor who is not signed in to sign in and back to the page. */
export const requireUser = createServerFn()
  .validator((page: string) => page)
  .handler(async ({ data: page }) => (await requireSession({ request: getRequest(), page })).userId)
