import { type Bff, createBff, type MetadataSchema, type Session, type Stores } from '@bff/core'
import { expectTypeOf, test } from 'vitest'
import { injectBffClient, injectSession } from '../src/angular/index.ts'
import {
  type BffClient,
  createBffClient,
  type PublicMetadata,
  type SessionState,
  type SignedInState,
} from '../src/index.ts'
import * as react from '../src/react/index.ts'
import * as solid from '../src/solid/index.ts'
import * as svelte from '../src/svelte/index.ts'
import * as vue from '../src/vue/index.ts'

type Metadata = {
  readonly plan: 'free' | 'pro'
  readonly seats?: number
  readonly internalNote: string
}

const base = { origin: 'https://app.example.com', encryptionKeys: [] }

/** Nothing here runs: only the types are looked at. */
const makeBff = (store: Stores, metadata: MetadataSchema<Metadata>) =>
  createBff({ ...base, store, session: { metadata, publicMetadata: ['plan', 'seats'] } })
const makeSilent = (store: Stores, metadata: MetadataSchema<Metadata>) =>
  createBff({ ...base, store, session: { metadata } })
const makeLater = async (store: Stores, metadata: MetadataSchema<Metadata>) => makeBff(store, metadata)
const makeUntyped = (store: Stores) => createBff({ ...base, store, session: { publicMetadata: ['plan'] } })

type App = ReturnType<typeof makeBff>
type Shown = {
  readonly plan: 'free' | 'pro'
  readonly seats?: number
}

test('A page has the types of the listed members, from the schema', () => {
  expectTypeOf<PublicMetadata<App>>().toEqualTypeOf<Shown>()
  expectTypeOf<PublicMetadata<typeof makeBff>>().toEqualTypeOf<Shown>()
  expectTypeOf<PublicMetadata<typeof makeLater>>().toEqualTypeOf<Shown>()
  expectTypeOf<PublicMetadata<typeof makeUntyped>>().toEqualTypeOf<{ readonly plan: unknown }>()
})

test('A page has no member that the BFF does not list, and any of an unknown BFF', () => {
  expectTypeOf<keyof PublicMetadata<typeof makeSilent>>().toEqualTypeOf<never>()
  expectTypeOf<PublicMetadata<App>>().not.toHaveProperty('internalNote')
  expectTypeOf<PublicMetadata<unknown>>().toEqualTypeOf<Readonly<Record<string, unknown>>>()
  expectTypeOf<PublicMetadata<Bff>>().toEqualTypeOf<Readonly<Record<string, unknown>>>()
})

test('A BFF lists only members of its metadata, and is one with any metadata', () => {
  const lists = (store: Stores, metadata: MetadataSchema<Metadata>) =>
    // @ts-expect-error: no member of the metadata
    createBff({ ...base, store, session: { metadata, publicMetadata: ['plans'] } })
  expectTypeOf(lists).toBeFunction()
  expectTypeOf<App>().toExtend<Bff<Metadata>>()
  expectTypeOf<App>().toExtend<Bff>()
  expectTypeOf<App['requireSession']>().returns.resolves.toEqualTypeOf<Session<Metadata>>()
})

test('The client and the hooks of every framework have these types', () => {
  type State = SessionState<Shown>
  expectTypeOf(createBffClient<App>).returns.toEqualTypeOf<BffClient<Shown>>()
  expectTypeOf<BffClient<Shown>['session']>().toEqualTypeOf<State>()
  expectTypeOf<BffClient<Shown>>().toExtend<BffClient>()
  expectTypeOf(createBffClient).returns.toExtend<BffClient>()
  expectTypeOf<Extract<State, { status: 'signed-in' }>>().toEqualTypeOf<SignedInState<Shown>>()

  expectTypeOf(react.useSession<App>).returns.toEqualTypeOf<State>()
  expectTypeOf(vue.useSession<App>)
    .returns.toHaveProperty('value')
    .toEqualTypeOf<State>()
  expectTypeOf(svelte.useSession<App>)
    .returns.toHaveProperty('current')
    .toEqualTypeOf<State>()
  expectTypeOf(solid.useSession<App>).returns.returns.toEqualTypeOf<State>()
  expectTypeOf(injectSession<App>).returns.returns.toEqualTypeOf<State>()

  expectTypeOf(react.useBffClient<App>).returns.toEqualTypeOf<BffClient<Shown>>()
  expectTypeOf(vue.useBffClient<App>).returns.toEqualTypeOf<BffClient<Shown>>()
  expectTypeOf(svelte.useBffClient<App>).returns.toEqualTypeOf<BffClient<Shown>>()
  expectTypeOf(solid.useBffClient<App>).returns.toEqualTypeOf<BffClient<Shown>>()
  expectTypeOf(injectBffClient<App>).returns.toEqualTypeOf<BffClient<Shown>>()
})
