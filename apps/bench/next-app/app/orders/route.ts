import type { Bff } from '@bff/core'
import { nextBff } from '@bff/next'
import { ORDERS } from '../../../src/servers/serve.ts'

/** The server runs in the process of the benchmark, which puts its BFF here, or `null`. */
const { measuredBff } = globalThis as { measuredBff?: Bff | null }

function guarded(bff: Bff) {
  const { withSession } = nextBff(() => bff)
  return withSession((_request, { userId }) => Response.json({ ...ORDERS, user: userId }))
}

export const GET = measuredBff ? guarded(measuredBff) : () => Response.json(ORDERS)
