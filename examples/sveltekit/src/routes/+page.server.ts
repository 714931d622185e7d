import type { ServerLoadEvent } from '@sveltejs/kit'
import { getSession } from '$lib/server/bff.ts'

export const load = async (event: ServerLoadEvent) => {
  const session = await getSession(event)
  if (session === null) return { name: null }
  const { claims } = await session.identity()
  return { name: String(claims['name']) }
}
