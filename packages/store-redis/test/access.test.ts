import { execFileSync } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fullSession, HOUR, handle, revocation } from '@bff/store-testkit/fixtures'
import { Redis } from 'ioredis'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { RedisStoreOptions } from '../src/index.ts'
import { type Library, START } from './harness.ts'
import { LIBRARIES, MAIN_LIBRARY } from './libraries.ts'
import { freePort, startCluster, startRedis } from './servers.ts'

const PERMISSIONS = [
  ...['~bff:*', '&bff:*', '+@read', '+@write', '+@scripting', '+@connection', '+@pubsub'],
  ...['+info', '+wait', '+time'],
]

/** Uses every command the store has. */
async function useAll(redisStore: Library, options: RedisStoreOptions): Promise<void> {
  const { sessions, ttl, events } = redisStore({ operationTimeoutMs: 5000, ...options })
  try {
    await sessions.ping()
    for (const [index, name] of ['one', 'two', 'three'].entries()) {
      const record = fullSession(START, { handle: handle(name), createdAt: START + index })
      expect((await sessions.create(record, { maxPerUser: 2 })).evicted).toHaveLength(index === 2 ? 1 : 0)
    }
    await sessions.update(handle('two'), { updatedAt: START, organizationId: 'other' }, 1)
    await sessions.touch(handle('two'), START + 1, START + HOUR)
    await sessions.revoke(handle('two'), revocation(START))
    expect((await sessions.list({ userId: 'user' })).records).toHaveLength(3)
    expect(await sessions.countActive({ userId: 'user' }, START)).toBe(1)
    await sessions.revokeAll({ userId: 'user' }, revocation(START))
    await ttl.set('key', 'value', HOUR)
    await ttl.extend('key', 'value', HOUR)
    expect(await ttl.take('key')).toBe('value')
    await events.subscribe('auth.logout', () => {})
    await events.publish('auth.logout', {
      type: 'auth.logout',
      by: 'rp',
      handle: handle('h'),
      userId: 'u',
      at: 1,
    })
    await sessions.cleanup({ now: START + 5, limit: 1, retainRevokedMs: 1 })
    expect(await sessions.deleteAll({ userId: 'user' })).toBe(2)
  } finally {
    await sessions.close()
  }
}

describe.each(LIBRARIES)('$library', ({ redisStore }) => {
  test('an ACL user with no more than the documented permissions will do [S3-1]', async () => {
    const server = await startRedis()
    onTestFinished(() => server.stop())
    const admin = new Redis(server.url)
    await admin.call('ACL', 'SETUSER', 'bff', 'on', '>p:ss', ...PERMISSIONS)
    await admin.call('ACL', 'SETUSER', 'default', 'off')
    await useAll(redisStore, { url: server.url, username: 'bff', password: 'p:ss', db: 3 })
    const wrong = redisStore({ url: server.url, username: 'bff', password: 'wrong-secret' })
    const fault: unknown = await wrong.sessions.ping().catch((error) => error)
    expect(fault).toMatchObject({ code: 'store_unavailable' })
    expect(String(fault)).not.toContain('secret')
    await wrong.sessions.close()
    admin.disconnect()
  })

  test('over TLS with a certificate authority of the app, and not without it [S3-3]', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'bff-tls-'))
    const [keyFile, certFile] = [join(dir, 'key.pem'), join(dir, 'cert.pem')]
    const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=IP:127.0.0.1']
    const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', keyFile]
    execFileSync('openssl', ['req', '-x509', ...key, '-out', certFile, ...subject], { stdio: 'ignore' })
    const port = await freePort()
    const files = ['--tls-cert-file', certFile, '--tls-key-file', keyFile, '--tls-ca-cert-file', certFile]
    const server = await startRedis(['--tls-port', String(port), ...files, '--tls-auth-clients', 'no'])
    onTestFinished(() => server.stop())
    const url = `rediss://127.0.0.1:${port}`
    await useAll(redisStore, { url, tls: { ca: await readFile(certFile) } })
    const untrusting = redisStore({ url })
    await expect(untrusting.sessions.ping()).rejects.toMatchObject({ code: 'store_unavailable' })
    await untrusting.sessions.close()
    await rm(dir, { recursive: true, force: true })
  })
})

describe.each(MAIN_LIBRARY)('$library', ({ redisStore }) => {
  test('on a Cluster that user needs +cluster as well [S3-1]', async () => {
    const servers = await startCluster()
    onTestFinished(async () => {
      for (const server of servers) await server.stop()
    })
    for (const { url } of servers) {
      const admin = new Redis(url)
      await admin.call('ACL', 'SETUSER', 'bff', 'on', '>pass', ...PERMISSIONS, '+cluster')
      await admin.call('ACL', 'SETUSER', 'default', 'off')
      admin.disconnect()
    }
    await useAll(redisStore, { cluster: servers, username: 'bff', password: 'pass' })
  })
})
