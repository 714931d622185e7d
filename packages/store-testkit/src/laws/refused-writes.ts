import assert from 'node:assert/strict'
import type { SessionRecord } from '@bff/core'
import { inTime } from '../faults/patience.ts'
import { DAY, fullSession, HOUR, handle, MINUTE, refuses, revocation, same } from '../fixtures.ts'
import { type LawsOptions, lawsOf, type OpenStores } from '../harness.ts'

/** Stores with a backend whose writes the laws can make fail. */
export interface RefusingStores extends OpenStores {
  /** Makes the backend fail every write, as late as it can: best at the commit. */
  refuseWrites(): Promise<void>
  /** Lets it write again. */
  acceptWrites(): Promise<void>
}

/** Opens a store with a backend whose writes can be made to fail. */
export interface RefusedWriteHarness {
  /** Fresh, empty stores. Let them give up on a call after a second or less. */
  open(): Promise<RefusingStores>
}

/**
 * Registers the laws of writes that the backend could not store, such as one whose commit failed on a full disk: the store
 * never acknowledges one.
 *
 * @param options `test` of your runner, and a harness whose backend can be kept from writing
 */
export function refusedWriteLaws(options: LawsOptions<RefusedWriteHarness>): void {
  const law = lawsOf(options)
  law(
    'FT-14 a write of a session the backend could not keep throws store_unavailable, left nothing, and may be repeated',
    async (open) => {
      const before = [await kept(open, 'capped'), await kept(open, 'idle', { expiresAt: open.now() - 1 })]
      for (const name of SESSION_WRITES) before.push(await kept(open, name))
      await refuseAll(open, sessionWrites(open))
      for (const record of before) {
        same(await open.stores.sessions.get(record.handle), record)
        same(await open.peek(record.handle), record)
      }
      for (const name of ['new', 'new-capped']) assert.equal(await open.peek(handle(name)), null)
      for (const [name, write, done] of sessionWrites(open)) same(done(await write()), true, name)
    },
  )

  law(
    'FT-15 a write of a value the backend could not keep throws store_unavailable, left nothing, and may be repeated',
    async (open) => {
      const { ttl } = open.stores
      const names = ['set', 'setIfAbsent', 'take', 'extend', 'compareAndDelete']
      for (const name of names) if (name !== 'setIfAbsent') await ttl.set(name, 'before', HOUR)
      await refuseAll(open, valueWrites(open))
      for (const name of names)
        assert.equal(await ttl.get(name), name === 'setIfAbsent' ? null : 'before', name)
      for (const [name, write, done] of valueWrites(open)) same(done(await write()), true, name)
    },
  )
}

/** A write, and whether its answer says that it was done. */
type Write = [name: string, write: () => Promise<unknown>, done: (answer: unknown) => boolean]

const SESSION_WRITES = ['update', 'touch', 'revoke', 'delete', 'revokeAll', 'deleteAll']

function sessionWrites({ stores: { sessions }, now }: OpenStores): readonly Write[] {
  const at = now()
  const fresh = (name: string, userId = `user of ${name}`) =>
    fullSession(at, { handle: handle(name), userId })
  const isSomething = (answer: unknown) => answer !== null
  return [
    ['create', () => sessions.create(fresh('new')), isSomething],
    [
      'create with maxPerUser',
      () =>
        sessions.create({ ...fresh('new-capped', 'user of capped'), createdAt: at + 1 }, { maxPerUser: 1 }),
      (answer) => String(Object(answer).evicted) === handle('capped'),
    ],
    [
      'update',
      () =>
        sessions.update(handle('update'), { updatedAt: at + 1, secretHash: 'rotated'.padEnd(43, '0') }, 1),
      isSomething,
    ],
    ['touch', () => sessions.touch(handle('touch'), at + MINUTE, at + DAY), Boolean],
    [
      'revoke',
      () => sessions.revoke(handle('revoke'), revocation(at)),
      (answer) => Object(answer).outcome === 'revoked',
    ],
    [
      'revokeAll',
      () => sessions.revokeAll({ userId: 'user of revokeAll' }, revocation(at)),
      (answer) => Object(answer).outcome === 'revoked',
    ],
    ['delete', () => sessions.delete(handle('delete')), Boolean],
    ['deleteAll', () => sessions.deleteAll({ userId: 'user of deleteAll' }), (answer) => answer === 1],
    [
      'cleanup',
      () => sessions.cleanup({ now: at, limit: 10, retainRevokedMs: DAY }),
      (answer) => Object(answer).deleted === 1,
    ],
  ]
}

function valueWrites({ stores: { ttl } }: OpenStores): readonly Write[] {
  return [
    ['set', () => ttl.set('set', 'after', HOUR), () => true],
    ['setIfAbsent', () => ttl.setIfAbsent('setIfAbsent', 'after', HOUR), Boolean],
    ['take', () => ttl.take('take'), (answer) => answer === 'before'],
    ['extend', () => ttl.extend('extend', 'before', DAY), Boolean],
    ['compareAndDelete', () => ttl.compareAndDelete('compareAndDelete', 'before'), Boolean],
  ]
}

async function kept(
  open: OpenStores,
  name: string,
  over: Partial<SessionRecord> = {},
): Promise<SessionRecord> {
  const record = fullSession(open.now(), { handle: handle(name), userId: `user of ${name}`, ...over })
  await open.stores.sessions.create(record)
  return record
}

async function refuseAll(open: RefusingStores, writes: readonly Write[]): Promise<void> {
  await open.refuseWrites()
  const refused = writes.map(([name, write]) => inTime(name, refuses('store_unavailable', write, name)))
  await Promise.allSettled(refused)
  await open.acceptWrites()
  await Promise.all(refused)
}
