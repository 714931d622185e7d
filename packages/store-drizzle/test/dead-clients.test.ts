import { once } from 'node:events'
import { createServer } from 'node:net'
import { type FaultProxy, faultProxy } from '@bff/store-testkit'
import { fullSession, handle, revocation } from '@bff/store-testkit/fixtures'
import { START } from '@bff/test-support/clock'
import postgres from 'postgres'
import { expect, onTestFinished, test } from 'vitest'
import { mysqlStore } from '../src/mysql/index.ts'
import { postgresStore } from '../src/postgres/index.ts'
import { migrateMysql } from './mysql.ts'
import { migratePostgres } from './postgres.ts'
import { type Server, startMariadb, startPostgres } from './servers.ts'

const RECOVERY_MS = 30_000
const SLOTS = 8
/** More than a pool of ten can take while the server has no slot. */
const CROWD = 12

async function behindProxy(server: Server, direct: string): Promise<{ proxy: FaultProxy; url: string }> {
  onTestFinished(() => server.stop())
  const url = new URL(direct)
  const proxy = await faultProxy({ host: url.hostname, port: Number(url.port) })
  onTestFinished(() => proxy.close())
  url.port = String(proxy.port)
  return { proxy, url: url.href }
}

test('MariaDB unlocks the row of a transaction whose client is gone without a word', async () => {
  const server = await startMariadb()
  const { proxy, url } = await behindProxy(server, await migrateMysql(server.url))
  const { sessions } = mysqlStore({ url, operationTimeoutMs: 2_000 })
  onTestFinished(() => sessions.close())
  const record = fullSession(START, { handle: handle('any'), userId: 'user' })
  await sessions.create(record)

  let isUpdating = false
  let dropped = 0
  await proxy.delayWhen((request) => {
    isUpdating ||= request.includes('update `bff_sessions`')
    return false
  }, 0)
  await proxy.cutWhen(() => {
    // The answer to the update is the last that passes: the transaction stays open on the server.
    if (isUpdating && dropped === 0) {
      dropped += 1
      void proxy.dropSilently()
    }
    return false
  })
  const revoke = () => sessions.revoke(record.handle, revocation(START)).catch(() => null)
  const droppedAt = performance.now()
  expect(await revoke()).toBeNull()
  expect(dropped).toBe(1)
  let outcome = await revoke()
  while (outcome === null && performance.now() - droppedAt < RECOVERY_MS) outcome = await revoke()
  expect(outcome).toMatchObject({ outcome: 'revoked' })
})

test('Postgres is asked to probe the connections of the store, so that it closes one whose client is gone', async () => {
  const server = await startPostgres()
  await migratePostgres(server.url)
  const { proxy, url } = await behindProxy(server, server.url)
  const { sessions } = postgresStore({ url })
  onTestFinished(() => sessions.close())
  const startups: string[] = []
  await proxy.delayWhen((request) => {
    const text = request.toString('latin1')
    if (text.includes('application_name\0')) startups.push(text)
    return false
  }, 0)
  expect(await sessions.get(handle('any'))).toBeNull()
  expect(startups).toHaveLength(1)
  for (const limit of [
    'tcp_keepalives_idle\x0010\0',
    'tcp_keepalives_interval\x005\0',
    'tcp_keepalives_count\x003\0',
  ])
    expect(startups[0]).toContain(limit)
})

test('while Postgres has no free slot, calls that need one fail at once, and it is not flooded with attempts', async () => {
  const server = await startPostgres([`max_connections=${SLOTS}`, 'superuser_reserved_connections=0'])
  await migratePostgres(server.url)
  const { proxy, url } = await behindProxy(server, server.url)
  const { sessions } = postgresStore({ url })
  onTestFinished(() => sessions.close())
  const ask = () => sessions.get(handle('any')).catch((error: Error) => String(error.cause ?? error))
  const crowd = () => Promise.all(Array.from({ length: CROWD }, ask))
  expect(await ask()).toBeNull()

  // Closed in the middle of a call: postgres.js then no longer hears why its next attempt is turned away.
  await crowd()
  const ended = crowd()
  await proxy.halfClose()
  await ended
  const others = postgres(server.url, { max: SLOTS, onnotice: () => {} })
  onTestFinished(() => others.end())
  // Until every slot is theirs: the server may still be freeing those of the store.
  for (let taken = 0; taken < SLOTS; ) {
    const ask = () => others`select pg_backend_pid() as pid, pg_sleep(0.05)`
    const answers = await Promise.allSettled(Array.from({ length: SLOTS }, ask))
    const pids = answers.flatMap((answer) =>
      answer.status === 'fulfilled' ? [answer.value[0]?.['pid']] : [],
    )
    taken = new Set(pids).size
  }
  const before = proxy.counts.connections
  const failures = await crowd()
  expect(failures.filter((failure) => failure === null)).toEqual([])
  expect(failures.filter((failure) => String(failure).includes('did not answer in time'))).toEqual([])
  expect(proxy.counts.connections - before).toBeLessThan(5 * CROWD)
})

test('a query that ends without an answer is an outage, and never a session that does not exist', async () => {
  const authenticated = Buffer.from('R\0\0\0\x08\0\0\0\0', 'latin1')
  const ready = Buffer.from('Z\0\0\0\x05I', 'latin1')
  // Speaks Postgres as far as the driver must believe that its query has ended.
  const server = createServer((socket) => {
    socket.write(authenticated)
    socket.on('data', () => socket.write(ready))
    socket.on('error', () => {})
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const { sessions } = postgresStore({ url: `postgres://user@127.0.0.1:${port}/database` })
  onTestFinished(async () => {
    await sessions.close()
    server.close()
  })
  await expect(sessions.get(handle('any'))).rejects.toMatchObject({ code: 'store_unavailable' })
})
