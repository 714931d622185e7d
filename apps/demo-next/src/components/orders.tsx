'use client'

import { useBffClient } from '@bff/client/react'
import { messageOfNews } from '@bff/demo/page/messages'
import { useCallback, useEffect, useState } from 'react'
import type { Order } from '../lib/orders.ts'
import { OrderTable } from './order-table.tsx'
import { reloadPanels } from './panels.tsx'
import { PlaceOrder } from './place-order.tsx'

const RELOAD_MS = 10_000

/** The orders: first as the server rendered them, then as the page itself asks for them through the BFF. */
export function Orders({ rendered }: { rendered: readonly Order[] | null }) {
  const { fetch, refetch } = useBffClient()
  const [orders, setOrders] = useState(rendered)
  const [problem, setProblem] = useState<string | null>(null)
  const [isAutomatic, setAutomatic] = useState(true)

  const reload = useCallback(async () => {
    const response = await fetch('/api/orders').catch(() => null)
    const answer: unknown = await response?.json().catch(() => null)
    if (response?.ok && Array.isArray(answer)) {
      setOrders(answer)
      setProblem(null)
    } else setProblem(codeOf(answer))
    // The call may have refreshed the tokens, and it is the one to show.
    await Promise.all([refetch(), reloadPanels()])
  }, [fetch, refetch])

  useEffect(() => {
    if (rendered === null) void reload()
  }, [rendered, reload])

  useEffect(() => {
    if (!isAutomatic) return
    const timer = setInterval(() => {
      if (!document.hidden) void reload()
    }, RELOAD_MS)
    return () => clearInterval(timer)
  }, [isAutomatic, reload])

  return (
    <section className="card orders" aria-labelledby="orders-title">
      <div className="card-head">
        <h2 id="orders-title">Orders from the API</h2>
        <div className="tools">
          <label className="check">
            <input
              type="checkbox"
              checked={isAutomatic}
              onChange={({ target }) => setAutomatic(target.checked)}
            />{' '}
            every 10 s
          </label>
          <button type="button" className="quiet" onClick={() => void reload()}>
            Reload
          </button>
        </div>
      </div>
      {problem !== null && <p className="problem">{messageOfNews(problem)}</p>}
      <OrderTable orders={orders ?? []} />
      <PlaceOrder onPlaced={reload} />
    </section>
  )
}

function codeOf(answer: unknown): string {
  const code = answer instanceof Object ? Reflect.get(answer, 'error') : null
  return typeof code === 'string' ? code : 'upstream_unavailable'
}
