import type { SessionHandle } from '@bff/core'
import { fullSession, handle, revocation } from '@bff/store-testkit/fixtures'
import { Cluster, Redis } from 'ioredis'
import { createCluster } from 'redis'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import type { RedisStores } from '../src/index.ts'
import { Keys } from '../src/keys.ts'
import { START } from './harness.ts'
import { MAIN_LIBRARY } from './libraries.ts'
import { type RedisServer, startReplicatedCluster, until } from './servers.ts'

const DURABLE = { operationTimeoutMs: 5000, durable: { replicas: 1, timeoutMs: 5000 } }
const PREFIX = 'moved:'
const SESSIONS = 40

describe.each(MAIN_LIBRARY)(
  '$library: durable mode on a Cluster of three masters with a replica each',
  ({ library, redisStore }) => {
    let cluster: Awaited<ReturnType<typeof startReplicatedCluster>>
    beforeAll(async () => {
      cluster = await startReplicatedCluster(3)
    })
    afterAll(() => cluster.stop())

    /** A store that has written to every master, so that it has connections to lose. */
    async function openDurable(
      name: string,
      options: { cluster?: readonly RedisServer[]; client?: object } = { cluster: cluster.masters },
    ) {
      const { sessions } = redisStore({ ...options, prefix: PREFIX, ...DURABLE })
      onTestFinished(() => sessions.close())
      const handles = Array.from({ length: SESSIONS }, (_, index) => handle(`${name}${index}`))
      for (const one of handles) await sessions.create(fullSession(START, { handle: one }))
      for (const one of handles.splice(0, SESSIONS / 2)) await sessions.revoke(one, revocation(START))
      return { sessions, handles }
    }

    /** The slot of a session, the master that has it, and one that has not. */
    async function placeOf(name: SessionHandle, keyPrefix = '') {
      const [key] = new Keys(PREFIX).session(name)
      const [first, ...others] = cluster.masters.map(connect)
      const slot = Number(await first?.call('CLUSTER', 'KEYSLOT', keyPrefix + key))
      const hasIt = async (node: Redis) => Number(await node.call('CLUSTER', 'COUNTKEYSINSLOT', slot)) > 0
      const nodes = first ? [first, ...others] : []
      const owners = await Promise.all(nodes.map(hasIt))
      const [source, target] = [nodes[owners.indexOf(true)], nodes[owners.indexOf(false)]]
      if (source === undefined || target === undefined) throw new Error('The slot must be on one master.')
      return { slot, source, target }
    }

    test('after a planned failover every revocation succeeds, in a store that knew the former master', async () => {
      const { sessions, handles } = await openDurable('planned')
      for (const [index, server] of cluster.replicas.entries()) {
        const [replica, master] = [connect(server), connect(cluster.masters[index])]
        await takeOver(replica)
        await until(async () => (await master.info('replication')).includes('master_link_status:up'))
        await until(async () => (await replica.info('replication')).includes('state=online'))
      }
      for (const one of handles) expect(await sessions.revoke(one, revocation(START))).toMatchObject(REVOKED)
      for (const one of handles) expect(await sessions.delete(one)).toBe(true)
      for (const server of cluster.masters) {
        const master = connect(server)
        await takeOver(master)
        await until(async () => (await master.info('replication')).includes('state=online'))
      }
    })

    const ownClient = {
      ioredis: () => new Cluster([...cluster.masters], { keyPrefix: 'app:', lazyConnect: true }),
      'node-redis': () =>
        createCluster({ rootNodes: cluster.masters.map(({ url }) => ({ url })), keyPrefix: 'app:' }),
    }[library]
    test.each([
      ['', () => ({ cluster: cluster.masters })],
      [", with a client of the app's own that has a key prefix", () => ({ client: ownClient() })],
    ])(
      'a revocation follows a slot while it is moved, and afterwards%s',
      async (what, options) => {
        const { sessions, handles } = await openDurable(`moving${what.length}`, options())
        const [one] = handles
        if (one === undefined) throw new Error('There must be a session.')
        const { slot, source, target } = await placeOf(
          one,
          what === '' || library === 'node-redis' ? '' : 'app:',
        )
        const ofSlot = await sameBucket(sessions, one)
        // With it the slot has every list there is: a script on keys of which one is nowhere must wait for the move's end.
        await sessions.revoke(one, revocation(START))
        const move = await beginMove(slot, source, target)
        await move.keys(2)
        // Its keys are on both: TRYAGAIN until they are together.
        const torn = sessions.revoke(ofSlot[0], revocation(START))
        await move.keys()
        expect(await torn).toMatchObject(REVOKED)
        expect(await sessions.revoke(ofSlot[1], revocation(START))).toMatchObject(REVOKED)
        await move.finish()
        expect(await sessions.revoke(ofSlot[2], revocation(START))).toMatchObject(REVOKED)
        for (const other of handles.slice(1))
          expect(await sessions.revoke(other, revocation(START))).toMatchObject(REVOKED)
      },
      60_000,
    )

    test('a walk over all sessions finds each once, whichever slot moves between its pages', async () => {
      const { sessions, handles } = await openDurable('walked')
      const [one] = handles
      if (one === undefined) throw new Error('There must be a session.')
      const { slot, source, target } = await placeOf(one)
      await sameBucket(sessions, one)
      const before = await walk(sessions, async () => {})
      expect(before).toEqual(expect.arrayContaining(handles))
      const move = await beginMove(slot, source, target)
      expect(await walk(sessions, () => move.keys(1))).toEqual(before)
      await move.keys()
      expect(await walk(sessions, () => move.finish())).toEqual(before)
      expect(await walk(sessions, async () => {})).toEqual(before)
    })

    test('after an unplanned failover every revocation succeeds as soon as the Cluster is whole again', async () => {
      const { sessions, handles } = await openDurable('unplanned')
      const [server] = cluster.masters
      const replica = connect(cluster.replicas[0])
      await server?.crash()
      await until(async () => (await replica.info('replication')).includes('role:master'))
      await server?.start()
      await until(async () => (await replica.info('replication')).includes('state=online'))
      // Each node learns of it by itself, and answers CLUSTERDOWN until then.
      for (const node of [...cluster.masters, ...cluster.replicas].map(connect))
        await until(async () => String(await node.call('CLUSTER', 'INFO')).includes('cluster_state:ok'))
      for (const one of handles) expect(await sessions.revoke(one, revocation(START))).toMatchObject(REVOKED)
    })
  },
)

const REVOKED = { outcome: 'revoked' }

function connect(server: RedisServer | undefined): Redis {
  const client = new Redis(server?.port ?? 0)
  onTestFinished(() => client.disconnect())
  return client
}

/** Three more sessions in the bucket of this one, and so in its slot. */
async function sameBucket(
  sessions: RedisStores['sessions'],
  one: SessionHandle,
): Promise<[SessionHandle, SessionHandle, SessionHandle]> {
  const bucketOf = (name: SessionHandle) => new Keys(PREFIX).session(name)[1]
  const found: SessionHandle[] = []
  for (let index = 0; found.length < 3; index++) {
    const name = handle(`${index}${one}`.slice(0, 16))
    if (bucketOf(name) !== bucketOf(one)) continue
    await sessions.create(fullSession(START, { handle: name }))
    found.push(name)
  }
  const [first = one, second = one, third = one] = found
  return [first, second, third]
}

/** The handles of all sessions in pages of three, with `act` between two pages. */
async function walk(sessions: RedisStores['sessions'], act: () => Promise<void>): Promise<SessionHandle[]> {
  const found: SessionHandle[] = []
  for (let cursor: string | undefined; ; await act()) {
    const { records, next } = await sessions.list({ owner: 'any' }, { limit: 3, ...(cursor && { cursor }) })
    found.push(...records.map((record) => record.handle))
    if (next === null) return found
    cursor = next
  }
}

/** Begins to move a slot, as `redis-cli --cluster reshard` does. */
async function beginMove(slot: number, source: Redis, target: Redis) {
  const setSlot = (node: Redis, ...state: string[]) => node.call('CLUSTER', 'SETSLOT', slot, ...state)
  const [from, to] = await Promise.all([idOf(source), idOf(target)])
  await setSlot(target, 'IMPORTING', from)
  await setSlot(source, 'MIGRATING', to)
  return {
    /** Moves as many keys, by default all that are left. */
    async keys(count = 1000) {
      const keys = (await source.call('CLUSTER', 'GETKEYSINSLOT', slot, count)) as string[]
      if (keys.length > 0) await migrate(source, target, keys)
    },
    async finish() {
      for (const node of [target, source]) await setSlot(node, 'NODE', to)
    },
  }
}

/** A failover the operator orders: at once, as one that asks the other masters may time out on a busy machine. */
async function takeOver(replica: Redis): Promise<void> {
  await replica.call('CLUSTER', 'FAILOVER', 'TAKEOVER')
  await until(async () => (await replica.info('replication')).includes('role:master'))
}

async function idOf(node: Redis): Promise<string> {
  return String(await node.call('CLUSTER', 'MYID'))
}

async function migrate(source: Redis, target: Redis, keys: readonly string[]): Promise<void> {
  const { host = '', port = 0 } = target.options
  await source.call('MIGRATE', host, port, '', 0, 5000, 'KEYS', ...keys)
}
