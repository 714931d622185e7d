import { type BffEvent, isBffError } from '@bff/core'
import { handle } from '@bff/store-testkit/fixtures'
import { Redis } from 'ioredis'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { Library } from './harness.ts'
import { MAIN_LIBRARY } from './libraries.ts'
import { type RedisServer, startCluster, until } from './servers.ts'

const EVENT: BffEvent = { type: 'auth.logout', at: 1, handle: handle('one'), userId: 'alice', by: 'local' }
const CHANNEL = 'bff:e:auth.logout'
const HANDLES = Array.from({ length: 40 }, (_, index) => handle(index))

/** A store on a Cluster that hears events and has a connection to every node. */
async function subscribed(redisStore: Library) {
  // One that is away must not make the others refuse everything.
  const servers = await startCluster(3, ['--cluster-require-full-coverage', 'no'])
  const nodes = servers.map((server) => ({ server, client: new Redis(server.port, server.host) }))
  const { sessions, events } = redisStore({ cluster: servers, operationTimeoutMs: 1_500 })
  onTestFinished(async () => {
    await sessions.close()
    for (const { client } of nodes) client.disconnect()
    for (const server of servers) await server.stop()
  })
  const heard: BffEvent[] = []
  await events.subscribe('auth.logout', (event) => heard.push(event))
  for (const name of HANDLES) await sessions.get(name)
  const subscribers = async ({ client }: { client: Redis }) =>
    Number((await client.pubsub('NUMSUB', CHANNEL))[1])
  /** The node it hears events of, among these. */
  async function serving(candidates = nodes) {
    for (;;) for (const node of candidates) if ((await subscribers(node)) === 1) return node
  }
  return { sessions, heard, nodes, serving, subscribers }
}

async function hears(heard: BffEvent[], { client }: { server: RedisServer; client: Redis }) {
  await client.publish(CHANNEL, JSON.stringify(EVENT))
  await until(async () => heard.length > 0)
  expect(heard).toEqual([EVENT])
}

describe.each(MAIN_LIBRARY)('$library', ({ redisStore }) => {
  test('events of a Cluster are heard from another node when theirs does not answer', async () => {
    const { sessions, heard, nodes, serving } = await subscribed(redisStore)
    const silent = await serving()
    silent.server.signal('SIGSTOP')
    const answers = await Promise.allSettled(HANDLES.map((name) => sessions.get(name)))
    const faults = answers.flatMap((answer) => (answer.status === 'rejected' ? [answer.reason] : []))
    expect(faults.length).toBeGreaterThan(0)
    expect(faults.filter((fault) => !isBffError(fault, 'store_unavailable'))).toEqual([])
    await hears(heard, await serving(nodes.filter((node) => node !== silent)))
  })

  test('events of a Cluster are heard from another node when theirs has left the Cluster', async () => {
    const { heard, nodes, serving, subscribers } = await subscribed(redisStore)
    const left = await serving()
    const id = String(await left.client.call('CLUSTER', 'MYID'))
    for (const { client } of nodes.filter((node) => node !== left)) await client.call('CLUSTER', 'FORGET', id)
    await left.client.call('CLUSTER', 'RESET')
    // The store looks for the nodes again when it has lost one; the connection for events is still open.
    await left.client.call('CLIENT', 'KILL', 'TYPE', 'NORMAL', 'SKIPME', 'yes')
    const other = await serving(nodes.filter((node) => node !== left))
    await until(async () => (await subscribers(left)) === 0)
    await hears(heard, other)
  })
})
