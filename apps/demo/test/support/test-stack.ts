import type { BffEvent, Stores } from '@bff/core'
import { memoryStore } from '@bff/store-memory'
import { freePorts } from '@bff/test-support/demo'
import { onTestFinished } from 'vitest'
import { type Stack, type StackOptions, startStack } from '../../src/index.ts'
import { type ProviderTap, providerTap } from './provider-tap.ts'

export interface TestStack extends Stack {
  readonly store: Stores
  readonly tap: ProviderTap
  readonly events: BffEvent[]
  readonly origin: string
}

/** The whole demo on free ports, until the test is over. */
export async function testStack(options: Partial<StackOptions> = {}): Promise<TestStack> {
  const { clock } = options
  const store = options.store ?? memoryStore(clock === undefined ? {} : { clock })
  const tap = providerTap()
  const events: BffEvent[] = []
  const stack = await startStack({
    ...options,
    ports: await freePorts(),
    store,
    fetch: tap.fetch,
    onEvent: (event) => events.push(event),
  })
  onTestFinished(stack.close)
  return { ...stack, store, tap, events, origin: stack.demo.origin }
}
