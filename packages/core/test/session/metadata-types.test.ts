import { expectTypeOf, test } from 'vitest'
import {
  type Bff,
  createBff,
  type MetadataSchema,
  type SessionSummary,
  type Stores,
} from '../../src/index.ts'

type Metadata = {
  readonly plan: 'free' | 'pro'
  readonly seats: number
}

const base = { origin: 'https://app.example.com', encryptionKeys: [] }

/** Nothing here runs: only the types are looked at. */
const makeBff = (store: Stores, metadata: MetadataSchema<Metadata>) =>
  createBff({ ...base, store, session: { metadata } })
type App = ReturnType<typeof makeBff>

test('A new session takes members of the metadata, and the schema may add the others', () => {
  const create = ({ sessions }: App) => sessions.create({ userId: 'alice', metadata: { plan: 'free' } })
  expectTypeOf(create).returns.resolves.toHaveProperty('session')
  const createOther = ({ sessions }: App) =>
    // @ts-expect-error: no plan of this name
    sessions.create({ userId: 'alice', metadata: { plan: 'gold' } })
  expectTypeOf(createOther).toBeFunction()
  expectTypeOf<Parameters<Bff['sessions']['create']>[0]['metadata']>().toEqualTypeOf<
    Readonly<Record<string, unknown>> | undefined
  >()
})

test('A session in a list has the types of its metadata, and none of the methods for secrets', () => {
  type Listed = Awaited<ReturnType<App['sessions']['list']>>['sessions'][number]
  expectTypeOf<Listed['metadata']>().toEqualTypeOf<Metadata>()
  expectTypeOf<
    Awaited<ReturnType<App['sessions']['revokeAll']>>[number]['metadata']
  >().toEqualTypeOf<Metadata>()
  expectTypeOf<SessionSummary>().not.toHaveProperty('tokens')
  expectTypeOf<SessionSummary>().not.toHaveProperty('tokensFor')
  expectTypeOf<App>().toExtend<Bff>()
})
