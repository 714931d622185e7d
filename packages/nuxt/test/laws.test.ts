import { describeHttpAdapter } from '@bff/http-testkit'
import { serveForAllTests } from '@bff/test-support/fixture'
import { test } from 'vitest'
import { nuxtServer } from './support/nuxt-server.ts'

const fixture = serveForAllTests(nuxtServer)

describeHttpAdapter({
  name: 'Nuxt',
  test,
  serve: fixture.serve,
})
