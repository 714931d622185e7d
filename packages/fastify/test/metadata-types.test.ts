import type { Bff } from '@bff/core'
import { expectTypeOf, test } from 'vitest'
import type { BffPluginOptions } from '../src/index.ts'

/** An interface, unlike a type alias, is not assignable to `Record<string, unknown>`. */
interface Metadata {
  readonly plan: string
}

test('The plugin takes a BFF whose metadata is an interface of the app', () => {
  expectTypeOf<Bff<Metadata>>().toExtend<BffPluginOptions['bff']>()
})
