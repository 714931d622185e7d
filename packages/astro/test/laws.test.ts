import { describeHttpAdapter } from '@bff/http-testkit'
import { serveForAllTests } from '@bff/test-support/fixture'
import { test, vi } from 'vitest'
import { astroServer } from './support/astro-server.ts'

// Astro prints each response that breaks off, and many laws break one off.
vi.spyOn(console, 'error').mockImplementation(() => {})

/**
 * What Astro's Node adapter does before or after our code; these laws must fail, so that we hear when that changes.
 */
const BROKEN_BY_ASTRO = [
  'HA-14', // answers 400 to a percent sign that encodes nothing, also in a query
  'HA-15', // takes the target `*` for the path /
  'HA-42', // reads a response as fast as it comes, and keeps it for a client that reads slowly
]

const fixture = serveForAllTests(astroServer)

describeHttpAdapter({
  name: 'Astro',
  test: (name, run) => (BROKEN_BY_ASTRO.some((id) => name.startsWith(id)) ? test.fails : test)(name, run),
  serve: fixture.serve,
})
