import { describeHttpAdapter } from '@bff/http-testkit'
import { afterAll, beforeAll, test } from 'vitest'
import { type NextServer, nextServer, START_MS } from './support/next-server.ts'

/**
 * What Next does to a request before any code of ours can see it; these laws must fail, so that we hear when that changes.
 * What still holds of them is in limits.test.ts.
 */
const BROKEN_BY_NEXT = [
  'HA-14', // writes the query anew: `%20` becomes `+`
  'HA-15', // answers `OPTIONS *` with 500
]

let server: NextServer
beforeAll(async () => {
  server = await nextServer()
}, START_MS)
afterAll(() => server?.close())

describeHttpAdapter({
  name: 'next',
  test: (name, run) => (BROKEN_BY_NEXT.some((id) => name.startsWith(id)) ? test.fails : test)(name, run),
  serve: async (bff) => {
    server.use(bff)
    return { origin: server.origin, close: async () => {} }
  },
})
