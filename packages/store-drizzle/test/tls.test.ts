import { execFileSync } from 'node:child_process'
import { chmodSync, chownSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { faultProxy } from '@bff/store-testkit'
import { handle } from '@bff/store-testkit/fixtures'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { mysqlStore } from '../src/mysql/index.ts'
import { postgresStore } from '../src/postgres/index.ts'
import type { DrizzleStores } from '../src/shared/assemble.ts'
import { migrateMysql } from './mysql.ts'
import { migratePostgres } from './postgres.ts'
import { type Server, startMariadb, startPostgres } from './servers.ts'

const operationTimeoutMs = 2_000
const folder = mkdtempSync(join(tmpdir(), 'bff-tls-'))
const [key, certificate] = [join(folder, 'key.pem'), join(folder, 'certificate.pem')]
let postgres: Server
let mariadb: Server
let mysqlUrl: string

beforeAll(async () => {
  const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-subj', '/CN=localhost']
  execFileSync('openssl', ['req', '-x509', ...kind, '-keyout', key, '-out', certificate], { stdio: 'ignore' })
  for (const file of [key, certificate]) chmodSync(file, 0o644)
  chmodSync(folder, 0o755)
  mariadb = await startMariadb([`--ssl-key=${key}`, `--ssl-cert=${certificate}`])
  // Postgres wants the key for itself alone.
  chmodSync(key, 0o600)
  if (process.getuid?.() === 0) chownSync(key, Number(execFileSync('id', ['-u', 'postgres'])), 0)
  postgres = await startPostgres(['ssl=on', `ssl_key_file=${key}`, `ssl_cert_file=${certificate}`])
  await migratePostgres(postgres.url)
  mysqlUrl = await migrateMysql(mariadb.url)
})

afterAll(async () => {
  await Promise.all([postgres.stop(), mariadb.stop()])
  rmSync(folder, { recursive: true })
})

test('Postgres over TLS: a connection that died without a word is left', () =>
  heals(postgres.url, 'sslmode=require', (url) => postgresStore({ url, operationTimeoutMs })))

test('MariaDB over TLS: a connection that died without a word is left', () =>
  heals(mysqlUrl, `ssl=${encodeURIComponent('{"rejectUnauthorized":false}')}`, (url) =>
    mysqlStore({ url, operationTimeoutMs }),
  ))

async function heals(direct: string, query: string, open: (url: string) => DrizzleStores): Promise<void> {
  const url = new URL(direct)
  const proxy = await faultProxy({ host: url.hostname, port: Number(url.port) })
  url.port = String(proxy.port)
  url.search = query
  const { sessions } = open(url.href)
  onTestFinished(async () => {
    await sessions.close()
    await proxy.close()
  })
  expect(await sessions.get(handle('any'))).toBeNull()
  let seen = false
  // A TLS record of data that the server sends: nothing is in the clear.
  await proxy.cutWhen((answer) => {
    seen ||= answer[0] === 0x17
    return false
  })
  expect(await sessions.get(handle('any'))).toBeNull()
  expect(seen).toBe(true)
  await proxy.dropSilently()
  await expect(sessions.get(handle('any'))).rejects.toMatchObject({ code: 'store_unavailable' })
  expect(await sessions.get(handle('any'))).toBeNull()
}
