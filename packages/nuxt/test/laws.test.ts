import { describeHttpAdapter } from '@bff/http-testkit'
import { afterAll, beforeAll, test } from 'vitest'
import { type NuxtServer, nuxtServer } from './support/nuxt-server.ts'

let server: NuxtServer
beforeAll(async () => {
  server = await nuxtServer()
})
afterAll(() => server.close())

describeHttpAdapter({
  name: 'Nuxt',
  test,
  serve: async (bff) => {
    server.use(bff)
    return { origin: server.origin, close: async () => {} }
  },
})
