import { createEncryptor, generateEncryptionKey, type SessionHandle, systemClock } from '@bff/core'
import { resealSessions } from '@bff/core/key-rotation'
import { HOUR, MINUTE } from '@bff/store-testkit/fixtures'
import { Redis } from 'ioredis'
import { describe, expect, onTestFinished, test } from 'vitest'
import { type Browser, world } from '../../core/test/world.ts'
import { Keys } from '../src/keys.ts'
import { LIBRARIES } from './libraries.ts'
import { type RedisServer, startCluster } from './servers.ts'

const PREFIX = 'reshard:'
const BROWSERS = 24
const COOKIE = '__Host-Http-bff'

describe.each(LIBRARIES)('$library: a Cluster whose slots move', ({ redisStore }) => {
  test('refreshes and walks go on while each slot with sessions moves to another node and on', async () => {
    const servers = await startCluster(3)
    const store = redisStore({ cluster: servers, prefix: PREFIX, operationTimeoutMs: 15_000 })
    const keys = [generateEncryptionKey(), generateEncryptionKey()]
    const { bff, provider, browser } = world({ store, encryptionKeys: keys, clock: systemClock })
    const nodes = servers.map(({ port }) => new Redis(port))
    onTestFinished(async () => {
      await bff.close()
      for (const node of nodes) node.disconnect()
      for (const server of servers) await server.stop()
    })
    const browsers = Array.from({ length: BROWSERS }, browser)
    for (const user of browsers) await user.signIn()
    const handles = browsers.map(handleOf).sort()
    const issuer = 'https://idp.example.com'
    // Some that are due, so that a cleanup deletes while the slots move.
    for (let index = 0; index < BROWSERS; index++)
      await bff.sessions.create({ userId: 'gone', absoluteTimeoutMs: MINUTE })

    const slots = await slotsOf(nodes[0], handles)
    let isMoving = true
    const rounds: Record<string, number> = {}
    const during = async (name: string, act: () => Promise<void>): Promise<void> => {
      for (rounds[name] = 0; isMoving || rounds[name] === 0; rounds[name]++) await act()
    }
    const walkOf = (filter: { userId: string } | { owner: 'any'; issuer: string }) => async () => {
      const found: SessionHandle[] = []
      let cursor: string | null | undefined
      do {
        const page = await bff.sessions.list(filter, { limit: 5, ...(cursor && { cursor }) })
        found.push(...page.sessions.map(({ handle }) => handle))
        cursor = page.next
      } while (cursor !== null)
      expect(found.sort()).toEqual(handles)
    }
    let turn = 0
    const working = Promise.all([
      during('refresh', async () => {
        const user = browsers[turn++ % BROWSERS]
        expect((await user?.fetch('POST', '/bff/refresh'))?.status).toBe(200)
      }),
      during('list of a user', walkOf({ userId: 'alice' })),
      during('list of all', walkOf({ owner: 'any', issuer })),
      during('count', async () => {
        expect(await bff.sessions.countActive({ owner: 'any', issuer })).toBe(BROWSERS)
      }),
      during('rotate', async () => {
        keys.reverse()
        const report = await resealSessions(store.sessions, createEncryptor({ keys }))
        expect(report).toMatchObject({ isComplete: true, broken: 0 })
      }),
      during('cleanup', async () => {
        await store.sessions.cleanup({ now: Date.now() + 2 * MINUTE, limit: 2, retainRevokedMs: HOUR })
      }),
    ])
    try {
      for (const slot of slots) for (let hop = 0; hop < 2; hop++) await move(slot, nodes, servers)
    } finally {
      isMoving = false
      await working
    }
    expect(Object.values(rounds).every((count) => count > 0)).toBe(true)
    for (const user of browsers)
      expect(JSON.parse(String((await user.fetch('GET', '/bff/session')).body))).toMatchObject({
        authenticated: true,
      })
    expect(provider.calls.filter((call) => call === 'refresh').length).toBeGreaterThanOrEqual(turn)
    expect(await bff.sessions.revokeAll({ userId: 'alice' })).toHaveLength(BROWSERS)
  }, 120_000)
})

const handleOf = (browser: Browser) => browser.cookies.get(COOKIE)?.slice(0, 16) as SessionHandle

/** The slots of these sessions, of their user's index, and of the lease of the first of them. */
async function slotsOf(node: Redis | undefined, handles: readonly SessionHandle[]): Promise<number[]> {
  const keys = new Keys(PREFIX)
  const names = [
    keys.index({ userId: 'alice' }),
    keys.value(`refresh:${handles[0]}`),
    ...handles.slice(0, 6).map((handle) => keys.record(handle)),
  ]
  const slots = names.map(async (name) => Number(await node?.call('CLUSTER', 'KEYSLOT', name)))
  return [...new Set(await Promise.all(slots))]
}

/** Moves a slot from its node to the next one, key by key, as `redis-cli --cluster reshard` does. */
async function move(slot: number, nodes: readonly Redis[], servers: readonly RedisServer[]): Promise<void> {
  const owned = (await nodes[0]?.call('CLUSTER', 'SLOTS')) as [number, number, [string, number]][]
  const [, , [, port]] = owned.find(([first, last]) => first <= slot && slot <= last) ?? [0, 0, ['', 0]]
  const from = servers.findIndex((server) => server.port === port)
  const to = (from + 1) % servers.length
  const [source, target] = [nodes[from], nodes[to]]
  if (source === undefined || target === undefined) throw new Error('A node of the Cluster has the slot.')
  const [sourceId, targetId] = await Promise.all(
    [source, target].map(async (node) => String(await node.call('CLUSTER', 'MYID'))),
  )
  await target.call('CLUSTER', 'SETSLOT', slot, 'IMPORTING', sourceId ?? '')
  await source.call('CLUSTER', 'SETSLOT', slot, 'MIGRATING', targetId ?? '')
  for (;;) {
    const [key] = (await source.call('CLUSTER', 'GETKEYSINSLOT', slot, 1)) as string[]
    if (key === undefined) break
    await source.call('MIGRATE', '127.0.0.1', servers[to]?.port ?? 0, '', 0, 5_000, 'KEYS', key)
  }
  for (const node of [target, source, ...nodes])
    await node.call('CLUSTER', 'SETSLOT', slot, 'NODE', targetId ?? '')
}
