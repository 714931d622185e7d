import { storeLaws } from '@bff/store-testkit'
import { describe, test } from 'vitest'
import { backdoor, openDynamodb } from './harness.ts'

/** All laws, for `pnpm test:matrix`, which starts the server: a Worker cannot start one. */
describe('one table', () => {
  const endpoint = process.env['MATRIX_SERVER'] ?? ''
  const back = backdoor(endpoint)
  storeLaws({ test, harness: { open: () => openDynamodb({ endpoint }, back) } })
})
