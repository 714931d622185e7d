import { svelteKitBff } from '@bff/sveltekit'
import { building } from '$app/environment'
import { makeBff } from './bff.ts'

export const { handle, getSession, requireSession, withSession } = svelteKitBff(() => makeBff(), { building })
