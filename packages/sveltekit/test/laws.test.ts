import { describeHttpAdapter } from '@bff/http-testkit'
import { serveForAllTests } from '@bff/test-support/fixture'
import { test, vi } from 'vitest'
import { svelteKitServer } from './support/svelte-kit-server.ts'

// SvelteKit prints each response that breaks off, and many laws break one off.
vi.spyOn(console, 'error').mockImplementation(() => {})

/**
 * What SvelteKit does to a request before any code of ours can see it; these laws must fail, so that we hear when that
 * changes.
 */
const BROKEN_BY_SVELTEKIT = [
  'HA-15', // answers `OPTIONS *` with 204
]

const fixture = serveForAllTests(() => svelteKitServer({ contentType: 'application/octet-stream' }))

describeHttpAdapter({
  name: 'sveltekit',
  test: (name, run) => (BROKEN_BY_SVELTEKIT.some((id) => name.startsWith(id)) ? test.fails : test)(name, run),
  serve: fixture.serve,
})
