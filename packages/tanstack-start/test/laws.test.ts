import { describeHttpAdapter } from '@bff/http-testkit'
import { serveForAllTests } from '@bff/test-support/fixture'
import { test } from 'vitest'
import { serveFixture } from './support/fixture.ts'

const fixture = serveForAllTests(serveFixture)

describeHttpAdapter({
  name: 'TanStack Start',
  test,
  serve: fixture.serve,
})
