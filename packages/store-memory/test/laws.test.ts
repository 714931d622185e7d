import { storeLaws } from '@bff/store-testkit'
import { test } from 'vitest'
import { memoryHarness as harness } from './harness.ts'

storeLaws({ test, harness })
