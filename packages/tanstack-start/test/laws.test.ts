import { describeHttpAdapter } from '@bff/http-testkit'
import { afterAll, beforeAll, test } from 'vitest'
import { useBff } from '../../../tools/test-support/bff-under-test.ts'
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
