import { isBffError, type SessionHandle, type Stores } from '@bff/core'
import { fullSession, handle, revocation } from '@bff/store-testkit/fixtures'
import { START } from '@bff/test-support/clock'
import postgres from 'postgres'
import { expect, onTestFinished, test } from 'vitest'
import { mysqlStore } from '../src/mysql/index.ts'
import { postgresStore } from '../src/postgres/index.ts'
import { migrateMysql } from './mysql.ts'
import { migratePostgres } from './postgres.ts'
import { startMariadb, startPostgres } from './servers.ts'

const operationTimeoutMs = 800
const RECOVERY_MS = 30_000
/** What a busy machine adds. */
const BUSY_MS = 10_000
const WORKERS = 4

/** Sends a signal to every process of the server. */
type Signal = (signal: 'SIGSTOP' | 'SIGCONT') => void

test('Postgres stopped under load: calls fail in time, it recovers by itself, nothing acknowledged is undone [STO-16]', async () => {
  const server = await startPostgres()
  onTestFinished(() => server.stop())
  await migratePostgres(server.url)
  const stores = postgresStore({ url: server.url, operationTimeoutMs })
  const watcher = postgres(server.url, { max: 1, onnotice: () => {} })
  await watcher`select 1`
  const frozen: number[] = []
  await survivesFreeze(stores, async () => {
    server.signal('SIGSTOP')
    const processes = await watcher`select pid from pg_stat_activity order by pid = pg_backend_pid()`
    frozen.push(...processes.map(({ pid }) => Number(pid)))
    const signal: Signal = (name) => {
      for (const pid of frozen) kill(pid, name)
      server.signal(name)
    }
    // Also when it fails: a stopped process would not let the server end.
    onTestFinished(() => signal('SIGCONT'))
    return signal
  })
  expect(frozen.length).toBeGreaterThan(WORKERS)
  await Promise.all([stores.sessions.close(), watcher.end()])
})

test('MariaDB stopped under load: calls fail in time, it recovers by itself, nothing acknowledged is undone [STO-16]', async () => {
  const server = await startMariadb()
  onTestFinished(() => server.stop())
  const stores = mysqlStore({ url: await migrateMysql(server.url), operationTimeoutMs })
  await survivesFreeze(stores, async () => (signal) => server.signal(signal))
  await stores.sessions.close()
})

async function survivesFreeze({ sessions }: Stores, reach: () => Promise<Signal>): Promise<void> {
  const revoked: SessionHandle[] = []
  const faults: unknown[] = []
  let slowest = 0
  let running = true

  /** Signs in and out as fast as it can. */
  const work = async (worker: number) => {
    for (let step = 0; running; step++) {
      const record = fullSession(START, { handle: handle(`${worker}.${step}`), userId: `user${worker}` })
      const start = performance.now()
      try {
        await sessions.create(record)
        if ((await sessions.revoke(record.handle, revocation(START))) !== null) revoked.push(record.handle)
      } catch (error) {
        faults.push(error)
        slowest = Math.max(slowest, performance.now() - start)
        await new Promise((resolve) => setImmediate(resolve))
      }
    }
  }
  const working = Promise.all(Array.from({ length: WORKERS }, (_, worker) => work(worker)))
  await until(() => revoked.length > 100)
  const signal = await reach()
  signal('SIGSTOP')
  await until(() => faults.length > 2 * WORKERS)
  const before = revoked.length
  signal('SIGCONT')
  const continuedAt = performance.now()
  await until(() => revoked.length > before + 20)
  expect(performance.now() - continuedAt).toBeLessThan(RECOVERY_MS)
  running = false
  await working

  expect(faults.filter((fault) => !isBffError(fault, 'store_unavailable'))).toEqual([])
  // Two calls, each in its time.
  expect(slowest).toBeLessThan(2 * operationTimeoutMs + BUSY_MS)
  for (const name of revoked) expect((await sessions.get(name))?.revocation).not.toBeNull()
}

/** A process may have gone meanwhile. */
function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error
  }
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve))
}
