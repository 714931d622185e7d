import type { SessionFilter } from '@bff/core'
import { HOUR, handle, revocation, session } from '@bff/store-testkit/fixtures'
import { Redis } from 'ioredis'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { Connection } from '../src/connection.ts'
import { ioredis } from '../src/ioredis/link.ts'
import { Keys } from '../src/keys.ts'
import { readStoreOptions } from '../src/options.ts'
import { OwnedSessions } from '../src/owned-sessions.ts'
import { OwnerIndex } from '../src/owner-index.ts'
import { REMOVE } from '../src/scripts.ts'
import { RedisSessionStore } from '../src/sessions.ts'
import { START } from './harness.ts'
import { startRedis } from './servers.ts'

/** Lets something happen between the reading of an index and the reading of its sessions. */
class InterruptedIndex extends OwnerIndex {
  between: () => Promise<void> = async () => {}

  override async *read(filter: SessionFilter, batch: number) {
    for await (const entries of super.read(filter, batch)) {
      await this.between()
      yield entries
    }
  }
}

describe('what happens between two steps', async () => {
  const server = await startRedis()
  const redis = new Redis(server.url)
  const settings = readStoreOptions({ url: server.url, operationTimeoutMs: 5000 })
  const connection = new Connection(settings, ioredis(settings))
  const keys = new Keys('bff:')
  const sessions = new RedisSessionStore(connection, keys, HOUR)
  const index = new InterruptedIndex(connection, keys, HOUR)
  const owned = new OwnedSessions(connection, keys, index, sessions)
  const key = keys.index({ userId: 'user' })
  const one = session(START, { handle: handle('one') })
  beforeEach(() => redis.flushall())
  afterAll(async () => {
    redis.disconnect()
    await sessions.close()
    await server.stop()
  })

  test("a creator that dies between a reader's steps takes no entry with it that may yet be needed [STO-07]", async () => {
    await index.add(one)
    index.between = async () => void (await redis.zrem(key, `!${one.handle}`))
    expect((await owned.list({ userId: 'user' })).records).toEqual([])
    expect(await redis.zscore(key, one.handle)).not.toBeNull()
  })

  test('an entry that is added again while a reader takes it for stale stays [STO-07]', async () => {
    await redis.zadd(key, String(-START), one.handle)
    index.between = async () => void (await index.add(one))
    expect((await owned.list({ userId: 'user' })).records).toEqual([])
    expect(await redis.zscore(key, one.handle)).not.toBeNull()
  })

  test('a session that was used, or revoked, since it was found due is not cleaned up [STO-17]', async () => {
    const remove = () => connection.script(REMOVE, keys.session(one.handle), [one.handle, START, START])
    await sessions.create({ ...one, expiresAt: START - 1 })
    await sessions.touch(one.handle, START, START + HOUR)
    expect(await remove()).toBeNull()
    await sessions.revoke(one.handle, revocation(START))
    expect(await remove()).toBeNull()
    expect(await sessions.get(one.handle)).not.toBeNull()
  })

  test('a session that ends between the steps of revokeAll is returned by nobody twice [SS-19]', async () => {
    await sessions.create(one)
    index.between = async () => void (await sessions.revoke(one.handle, revocation(START)))
    expect(await owned.revokeAll({ userId: 'user' }, revocation(START))).toEqual({
      outcome: 'no_active_sessions',
      records: [],
    })
  })
})
