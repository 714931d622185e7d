import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import { migrateMysql } from './mysql.ts'
import { migratePostgres } from './postgres.ts'
import { startMariadb, startPostgres } from './servers.ts'

/** What a process says that opens a store, hears events, reads a session, and then has nothing more to do. */
async function endOf(url: string): Promise<string> {
  const worker = fileURLToPath(new URL('idle.worker.ts', import.meta.url))
  const args = ['--import', 'tsx', '--conditions=@bff/source', worker, url]
  return (await promisify(execFile)(process.execPath, args)).stdout
}

test('a process with an open store on Postgres ends by itself once it has nothing more to do', async () => {
  const server = await startPostgres()
  onTestFinished(() => server.stop())
  await migratePostgres(server.url)
  expect(await endOf(server.url)).toBe('null')
}, 60_000)

test('a process with an open store on MariaDB ends by itself once it has nothing more to do', async () => {
  const server = await startMariadb()
  onTestFinished(() => server.stop())
  expect(await endOf(await migrateMysql(server.url))).toBe('null')
}, 60_000)
