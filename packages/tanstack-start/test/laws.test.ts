import { describeHttpAdapter } from '@bff/http-testkit'
import { useBff } from '@bff/test-support/bff-under-test'
import { afterAll, beforeAll, test } from 'vitest'
import { serveFixture } from './support/fixture.ts'

let server: Awaited<ReturnType<typeof serveFixture>>
beforeAll(async () => {
  server = await serveFixture()
})
afterAll(() => server.close())

describeHttpAdapter({
  name: 'TanStack Start',
  test,
  serve: async (bff) => {
    useBff(bff)
    return { origin: server.origin, close: async () => {} }
  },
})
