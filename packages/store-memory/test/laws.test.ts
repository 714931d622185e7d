import { eventBusLaws, sessionStoreLaws, ttlStoreLaws } from '@bff/store-testkit'
import { test } from 'vitest'
import { memoryHarness as harness } from './harness.ts'

sessionStoreLaws({ test, harness })
ttlStoreLaws({ test, harness })
eventBusLaws({ test, harness })
