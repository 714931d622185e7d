import { isBffError, type Session } from '@bff/core'
import { type SessionFetch, sessionFetch } from '@bff/core/proxy'
import { undiciUpstream } from '@bff/node'
import { environment } from './environment.ts'

export interface Order {
  readonly id: string
  readonly item: string
  readonly quantity: number
  readonly status: string
  /** In the currency's smallest unit. */
  readonly total: number
  readonly currency: string
  readonly placedAt: string
}

let call: SessionFetch | null = null

/** Calls the orders API for a session from server code, with its token and a proof; the page goes through the proxy. */
export function callOrders(session: Session, path: string, init?: RequestInit): Promise<Response> {
  const { apiOrigin } = environment()
  call ??= sessionFetch({ origins: [apiOrigin], upstream: undiciUpstream() })
  return call(session, new URL(path, apiOrigin), init)
}

/** The user's orders, or `null` when the API does not answer: then the page asks again. */
export async function ordersOf(session: Session): Promise<readonly Order[] | null> {
  try {
    const response = await callOrders(session, '/orders')
    return response.ok ? ((await response.json()) as readonly Order[]) : null
  } catch (error) {
    if (isBffError(error)) return null
    throw error
  }
}
