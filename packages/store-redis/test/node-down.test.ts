import { isBffError, type SessionHandle } from '@bff/core'
import { fullSession, handle, revocation } from '@bff/store-testkit/fixtures'
import { Redis } from 'ioredis'
import { describe, expect, onTestFinished, test } from 'vitest'
import { Keys } from '../src/keys.ts'
import { START } from './harness.ts'
import { LIBRARIES } from './libraries.ts'
import { startCluster, until } from './servers.ts'

const PREFIX = 'down:'
const HANDLES = Array.from({ length: 40 }, (_, index) => handle(`down${index}`))
const isRunning = async (node: Redis) =>
  String(await node.call('CLUSTER', 'INFO').catch(() => '')).includes('cluster_state:ok')

describe.each(LIBRARIES)('$library: a Cluster with a node down', ({ redisStore }) => {
  test('revokeAll revokes what the other nodes hold, throws, and revokes the rest when it is repeated [SS-34]', async () => {
    const servers = await startCluster(3, ['--cluster-require-full-coverage', 'no', '--appendonly', 'yes'])
    const nodes = servers.map(({ port }) => new Redis(port))
    for (const node of nodes) node.on('error', () => {})
    const { sessions } = redisStore({ cluster: servers, prefix: PREFIX, operationTimeoutMs: 1_000 })
    onTestFinished(async () => {
      await sessions.close()
      for (const node of nodes) node.disconnect()
      for (const server of servers) await server.stop()
    })
    for (const name of HANDLES) await sessions.create(fullSession(START, { handle: name }))
    const keys = new Keys(PREFIX)
    const owners = await Promise.all(nodes.map(async (node) => new Set(await node.keys('*'))))
    const down = owners.findIndex((held) => !held.has(keys.index({ userId: 'user' })))
    const isDown = (name: SessionHandle) => owners[down]?.has(keys.record(name)) ?? false
    expect(new Set(HANDLES.map(isDown))).toEqual(new Set([true, false]))
    await servers[down]?.crash()

    const revokeAll = async () => {
      const told: SessionHandle[] = []
      const outcome = await sessions
        .revokeAll({ userId: 'user' }, revocation(START), (record) => told.push(record.handle))
        .then(
          ({ outcome }) => outcome,
          (error) => isBffError(error, 'store_unavailable'),
        )
      return { outcome, told: told.sort() }
    }
    const reachable = HANDLES.filter((name) => !isDown(name)).sort()
    expect(await revokeAll()).toEqual({ outcome: true, told: reachable })
    for (const name of reachable) expect((await sessions.get(name))?.revocation).not.toBeNull()

    await servers[down]?.start()
    for (const node of nodes) await until(() => isRunning(node))
    await until(() => sessions.get(HANDLES.find(isDown) ?? handle('none')).then(Boolean, () => false))
    expect(await revokeAll()).toEqual({ outcome: 'revoked', told: HANDLES.filter(isDown).sort() })
    expect(await sessions.countActive({ userId: 'user' }, START)).toBe(0)
  }, 60_000)
})
