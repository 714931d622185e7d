import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { generateEncryptionKey } from '@bff/core'
import { startOrdersApi } from '@bff/orders-api'
import { startRedis } from '@bff/servers'
import { freePorts } from '@bff/test-support/demo'
import { httpClient } from '@bff/test-support/http-client'
import { startProvider } from '@bff/testing'
import { expect, onTestFinished, test } from 'vitest'
import type { Instance } from './support/demo.worker.ts'

/** The full storm: `BFF_STORM=10000`. */
const CALLS = Number(process.env['BFF_STORM'] ?? 1_000)
const SESSIONS = 10
const AT_ONCE = 60
/** Seconds; short, so that every session is refreshed again and again while it is called. */
const TOKEN_LIFE = 6

async function instance(options: Instance): Promise<{ process: ChildProcess; ended(): Promise<string[]> }> {
  const worker = fork(
    fileURLToPath(new URL('support/demo.worker.ts', import.meta.url)),
    [JSON.stringify(options)],
    {
      execArgv: ['--import', 'tsx', '--conditions=@bff/source'],
    },
  )
  onTestFinished(() => void worker.kill())
  await once(worker, 'message')
  return {
    process: worker,
    async ended() {
      const told = once(worker, 'message')
      worker.send('end')
      const [events] = await told
      return events
    },
  }
}

test(`a storm on three processes: a provider that ends the grant at any reuse sees none, and no call fails [RFT-02, DPO-08]`, async () => {
  const redis = await startRedis()
  onTestFinished(() => redis.stop())
  const ports = Object.values(await freePorts())
  const origins = ports.map((port) => `http://localhost:${port}`)
  const idp = await startProvider({
    appOrigins: origins,
    apiAudience: 'http://orders.test',
    accessTokenLifetime: TOKEN_LIFE,
    requireDpopNonces: true,
    rotateRefreshTokens: true,
  })
  onTestFinished(() => idp.close())
  const api = await startOrdersApi({ issuer: idp.issuer, audience: 'http://orders.test' })
  onTestFinished(() => api.close())
  const shared = {
    issuer: idp.issuer,
    ...idp.clients.basic,
    apiOrigin: api.origin,
    encryptionKey: generateEncryptionKey(),
    redisUrl: redis.url,
  }
  const instances = await Promise.all(ports.map((port) => instance({ ...shared, port })))

  // One browser a session, which reaches whichever process the balancer picks.
  const browsers = await Promise.all(
    Array.from({ length: SESSIONS }, async (_, at) => {
      const clients = origins.map(httpClient)
      const [first] = clients
      await first?.signIn(at % 2 === 0 ? 'alice' : 'bob')
      for (const client of clients)
        for (const [name, value] of first?.cookies ?? []) client.cookies.set(name, value)
      return clients
    }),
  )

  const statuses = new Set([200])
  let next = 0
  // On until every session has been refreshed: else nothing stormed.
  const more = (call: number) => call < CALLS || idp.stats.refreshes < SESSIONS
  async function caller(): Promise<void> {
    for (let call = next++; statuses.size === 1 && more(call); call = next++) {
      const clients = browsers[call % SESSIONS] ?? []
      const answer = await clients[Math.floor(call / SESSIONS) % clients.length]?.call('/api/orders')
      statuses.add(answer?.status ?? 0)
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, caller))

  expect([...statuses]).toEqual([200])
  expect(idp.stats.reuseDetected).toBe(0)
  expect((await Promise.all(instances.map(({ ended }) => ended()))).flat()).toEqual([])
}, 300_000)
