'use server'

import { isBffError } from '@bff/core'
import { revalidatePath } from 'next/cache'
import { bff, requireSession } from './lib/bff.ts'
import { callOrders, type Order } from './lib/orders.ts'
import { ownSessions } from './lib/own-sessions.ts'

/** What came of an action: at first, nothing. */
export type Outcome =
  | { readonly state: 'none' }
  | { readonly state: 'placed'; readonly order: Order }
  | { readonly state: 'failed'; readonly code: string }

/** Places an order. The session and where the request comes from are checked here, whatever the page says. */
export async function placeOrder(_before: Outcome, form: FormData): Promise<Outcome> {
  try {
    const session = await requireSession()
    const order = { item: String(form.get('item') ?? '').trim(), quantity: Number(form.get('quantity')) }
    const response = await callOrders(session, '/orders', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(order),
    })
    if (!response.ok) return { state: 'failed', code: 'order_refused' }
    return { state: 'placed', order: (await response.json()) as Order }
  } catch (error) {
    if (!isBffError(error)) throw error
    return { state: 'failed', code: error.code }
  }
}

const byUser = (userId: string) => ({ reasonCode: 'user_revoked', actorType: 'user', actorId: userId })

/** Ends one of the user's own sessions; somebody else's is as good as none. */
export async function endSession(handle: string): Promise<void> {
  const session = await requireSession()
  const { sessions } = await bff()
  for await (const own of ownSessions(await bff(), session)) {
    if (own.handle === handle) await sessions.revoke(own.handle, byUser(session.userId))
  }
  revalidatePath('/')
}

/** Ends all of the user's sessions but this one. */
export async function endOthers(): Promise<void> {
  const session = await requireSession()
  const { sessions } = await bff()
  await sessions.revokeOthers(session, byUser(session.userId))
  revalidatePath('/')
}
