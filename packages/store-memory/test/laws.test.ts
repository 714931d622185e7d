import { storeLaws } from '@bff/store-testkit'
import { pseudonymous } from '@bff/store-testkit/fixtures'
import { describe, test } from 'vitest'
import { memoryHarness as harness } from './harness.ts'

storeLaws({ test, harness })

describe('behind withPseudonyms', () => {
  storeLaws({ test, harness: pseudonymous(harness) })
})
