import { BffError, isBffError, type SessionHandle, type SessionRecord } from '@bff/core'
import { fullSession, HOUR, handle, revocation } from '@bff/store-testkit/fixtures'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import type { RedisStoreOptions, RedisStores } from '../src/index.ts'
import { START } from './harness.ts'
import { MAIN_LIBRARY } from './libraries.ts'
import {
  type RedisServer,
  type SentinelSetup,
  startRedis,
  startReplicatedCluster,
  startSentinel,
  until,
} from './servers.ts'

const OPTIONS = { prefix: 'faults:', operationTimeoutMs: 1_500 }

/** Signs in and out as fast as it can, until it is stopped; remembers what was acknowledged. */
function load(stores: RedisStores, name: string) {
  const created: SessionRecord[] = []
  const revoked: SessionRecord[] = []
  const faults: unknown[] = []
  let running = true
  const work = async (worker: number) => {
    for (let step = 0; running; step++) {
      const record = fullSession(START, {
        handle: handle(`${name}${worker}.${step}`),
        userId: `${name}${worker}`,
      })
      try {
        await stores.sessions.create(record)
        created.push(record)
        if ((await stores.sessions.revoke(record.handle, revocation(START))) !== null) revoked.push(record)
      } catch (error) {
        faults.push(error)
        await new Promise((resolve) => setImmediate(resolve))
      }
    }
  }
  const done = Promise.all([0, 1, 2, 3].map(work))
  const stop = async () => {
    running = false
    await done
  }
  return { created, revoked, faults, stop }
}

describe.each(MAIN_LIBRARY)('$library: one server that syncs every write', ({ redisStore }) => {
  let server: RedisServer
  beforeAll(async () => {
    server = await startRedis(['--appendonly', 'yes', '--appendfsync', 'always'])
  })
  afterAll(() => server.stop())

  test('killed under load, it loses nothing that was acknowledged, and recovers by itself [STO-14]', async () => {
    const stores = redisStore({ url: server.url, ...OPTIONS })
    const work = load(stores, 'k')
    await until(async () => work.revoked.length > 200)
    await server.crash()
    await until(async () => work.faults.length > 10)
    const before = work.revoked.length
    await server.start()
    await until(async () => work.revoked.length > before + 50)
    await work.stop()
    expect(work.faults.filter((fault) => !isBffError(fault, 'store_unavailable'))).toEqual([])
    for (const { handle } of work.created) expect(await stores.sessions.get(handle)).not.toBeNull()
    for (const { handle } of work.revoked)
      expect((await stores.sessions.get(handle))?.revocation).not.toBeNull()
    await stores.sessions.close()
  })

  test('stopped and continued under load, calls fail in time and then work again [STO-16]', async () => {
    const stores = redisStore({ url: server.url, ...OPTIONS })
    const work = load(stores, 's')
    await until(async () => work.revoked.length > 200)
    server.signal('SIGSTOP')
    await until(async () => work.faults.length > 10)
    const before = work.revoked.length
    server.signal('SIGCONT')
    await until(async () => work.revoked.length > before + 50)
    await work.stop()
    expect(work.faults.filter((fault) => !isBffError(fault, 'store_unavailable'))).toEqual([])
    for (const { handle } of work.revoked)
      expect((await stores.sessions.get(handle))?.revocation).not.toBeNull()
    await stores.sessions.close()
  })

  test('events flow again after the server was restarted', async () => {
    const { sessions, events } = redisStore({ url: server.url, ...OPTIONS })
    let received = 0
    await events.subscribe('session.expired', () => {
      received++
    })
    const publish = () =>
      events.publish('session.expired', {
        type: 'session.expired',
        handle: handle('h'),
        userId: 'u',
        limit: 'idle',
        at: 1,
      })
    await publish()
    await until(async () => received === 1)
    await server.crash()
    await server.start()
    await until(async () => {
      await publish()
      return received > 1
    })
    await sessions.close()
  })

  test('without a server every call fails in time, with nothing of its data [STO-16, SS-24]', async () => {
    const dead = await startRedis()
    await dead.stop()
    const { sessions, ttl, events } = redisStore({ url: dead.url, ...OPTIONS })
    const record = fullSession(START, { userId: 'hidden-user' })
    const calls = [
      () => sessions.create(record),
      () => sessions.get(record.handle),
      () => sessions.ping(),
      () => ttl.set('hidden-key', 'hidden-value', HOUR),
      () => events.subscribe('auth.logout', () => {}),
    ]
    for (const call of calls)
      expect(describeFault(await call().catch((error) => error))).not.toMatch(/hidden|hash/)
    await sessions.close()
  })

  test('an error of Redis carries neither key nor value to its cause [SS-24]', async () => {
    const small = await startRedis(['--maxmemory', '1mb', '--maxmemory-policy', 'noeviction'])
    onTestFinished(() => small.stop())
    const { sessions, ttl } = redisStore({ url: small.url, ...OPTIONS })
    const write = () => sessions.create(fullSession(START, { userId: 'hidden-user' }))
    expect(describeFault(await write().catch((error) => error))).toMatch(/OOM/)
    const set = () => ttl.set('hidden-key', 'hidden-value', HOUR)
    expect(describeFault(await set().catch((error) => error))).not.toMatch(/hidden/)
    await sessions.close()
  })
})

describe.each(MAIN_LIBRARY)('$library: a master with a replica behind Sentinel', ({ redisStore }) => {
  let setup: SentinelSetup
  beforeAll(async () => {
    setup = await startSentinel()
  })
  afterAll(() => setup.stop())

  test('a failover undoes no durable revocation; calls fail meanwhile and recover within 30 s [STO-14]', async () => {
    const { sentinel, name, master, replica } = setup
    const options: RedisStoreOptions = {
      sentinels: [sentinel],
      name,
      ...OPTIONS,
      durable: { replicas: 1, timeoutMs: 1_500 },
    }
    const stores = redisStore(options)
    const work = load(stores, 'f')
    await until(async () => work.revoked.length > 200)
    await stores.ttl.set('before', 'living', 600_000)
    await stores.ttl.set('before', 'over', 600_000, { durable: true })
    await master.crash()
    const killedAt = Date.now()
    await until(async () => work.faults.length > 10)
    await until(async () => (await stores.sessions.create(fullSession(START)).catch(() => null)) !== null)
    expect(Date.now() - killedAt).toBeLessThan(30_000)
    await work.stop()
    expect(work.faults.filter((fault) => !isBffError(fault, 'store_unavailable'))).toEqual([])
    for (const { handle } of work.revoked)
      expect((await stores.sessions.get(handle))?.revocation).not.toBeNull()
    // The new master has no replica: a revocation that cannot be made durable is not acknowledged, nor is its
    // repetition.
    for (let attempt = 0; attempt < 2; attempt++) {
      const refused = await stores.sessions
        .revoke(handle('session'), revocation(START))
        .catch((error) => error)
      expect(isBffError(refused, 'store_unavailable')).toBe(true)
    }
    // Nor is a durable value; others need no replica. What was acknowledged before the failover is there.
    for (let attempt = 0; attempt < 2; attempt++) {
      const refused = await stores.ttl.set('ended', 'over', 60_000, { durable: true }).catch((error) => error)
      expect(isBffError(refused, 'store_unavailable')).toBe(true)
    }
    await stores.ttl.set('plain', 'value', 60_000)
    expect(await stores.ttl.get('before')).toBe('over')
    await stores.sessions.close()
    expect(replica.isRunning).toBe(true)
  })
})

describe.each(MAIN_LIBRARY)('$library: a Cluster whose masters have a replica each', ({ redisStore }) => {
  let cluster: Awaited<ReturnType<typeof startReplicatedCluster>>
  beforeAll(async () => {
    cluster = await startReplicatedCluster()
  })
  afterAll(() => cluster.stop())

  test('a durable revocation waits for the replica of its own master, and for no other [STO-14]', async () => {
    const { masters, replicas } = cluster
    const options = { cluster: masters, ...OPTIONS, durable: { replicas: 1, timeoutMs: 1_500 } }
    const { sessions } = redisStore(options)
    const [first, second] = masters.map(({ port }) => new Redis(port))
    onTestFinished(() => {
      for (const client of [first, second]) client?.disconnect()
    })
    const names = Array.from({ length: 10 }, (_, index) => handle(index))
    for (const name of names) await sessions.create(fullSession(START, { handle: name }))
    const ofFirst = new Set((await first?.keys('faults:s:*'))?.map((key) => key.replace(/^.*}/, '')))
    expect(ofFirst.size > 0 && ofFirst.size < names.length).toBe(true)
    const outcome = (name: SessionHandle) =>
      sessions.revoke(name, revocation(START)).then(
        () => 'durable',
        (error) => (isBffError(error, 'store_unavailable') ? 'unavailable' : String(error)),
      )
    for (const name of names.slice(0, 5)) expect(await outcome(name)).toBe('durable')
    await replicas[0]?.crash()
    await until(async () => (await first?.info('replication'))?.includes('connected_slaves:0') ?? false)
    for (const name of names) expect(await outcome(name)).toBe(ofFirst.has(name) ? 'unavailable' : 'durable')
    // It stands on the master all the same.
    for (const name of names) expect((await sessions.get(name))?.revocation).not.toBeNull()
    await sessions.close()
  })
})

/** All an error tells: its message, its causes' and their members. */
function describeFault(error: unknown): string {
  expect(error).toBeInstanceOf(BffError)
  expect(isBffError(error, 'store_unavailable')).toBe(true)
  const all: string[] = []
  for (let at: unknown = error; at instanceof Error; at = at.cause) {
    all.push(at.message, JSON.stringify(Object.fromEntries(Object.entries(at))))
  }
  return all.join('\n')
}
