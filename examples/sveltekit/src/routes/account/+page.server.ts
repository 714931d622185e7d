import type { ServerLoadEvent } from '@sveltejs/kit'
import { requireSession } from '$lib/server/bff.ts'

/** Sends a visitor who is not signed in to sign in and back. */
export const load = async (event: ServerLoadEvent) => ({ user: (await requireSession(event)).userId })
