import { test } from 'vitest'
import { memoryHarness as harness } from './harness.ts'
import { eventBusLaws } from './laws/event-bus.ts'
import { sessionStoreLaws } from './laws/session-store.ts'
import { ttlStoreLaws } from './laws/ttl-store.ts'

sessionStoreLaws({ test, harness })
ttlStoreLaws({ test, harness })
eventBusLaws({ test, harness })
