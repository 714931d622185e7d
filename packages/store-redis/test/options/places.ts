import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isBffError } from '@bff/core'
import type { OptionCases } from '@bff/test-support/options'
import { Redis } from 'ioredis'
import type { SharedRedisOptions } from '../../src/index.ts'
import { freePort, startCluster, startRedis, until } from '../servers.ts'

const SENTINEL_PASSWORD = 'secret'

export type Places = Awaited<ReturnType<typeof startPlaces>>

/**
 * One server with TLS, users and a replica; a Cluster of two; and a sentinel that knows the server as `primary` and the
 * Cluster's last node as `other`.
 */
export async function startPlaces() {
  const tls = await readyTls()
  const alone = await startRedis([...tls.settings, '--repl-diskless-sync-delay', '0'])
  tls.removeFiles()
  const replica = await startRedis(['--replicaof', `${alone.host} ${alone.port}`])
  const [first = alone, last = alone] = await startCluster(2)
  const config = [
    `sentinel monitor primary ${alone.host} ${alone.port} 1`,
    `sentinel monitor other ${last.host} ${last.port} 1`,
    `requirepass ${SENTINEL_PASSWORD}`,
    '',
  ]
  const sentinel = await startRedis(['--sentinel'], { config: config.join('\n') })
  const servers = { alone, first, last }
  const clients = Object.entries(servers).map(([name, { url }]) => ({ name, client: new Redis(url) }))
  const admin = new Redis(alone.url)
  await admin.call('ACL', 'SETUSER', 'bff', 'on', '>word', '~*', '&*', '+@all')
  await admin.call('ACL', 'SETUSER', 'reader', 'on', '>word', '~*', '&*', '+@read', '+@connection', '+info')
  await until(async () => (await admin.info('replication')).includes('state=online'))
  admin.disconnect()

  /** What all servers hold, as `server/database key`, without the key's last part; they are empty afterwards. */
  const takeKeys = async (): Promise<string[]> => {
    const found: string[] = []
    for (const { name, client } of clients) {
      for (const [, database = ''] of (await client.info('keyspace')).matchAll(/^db(\d+):/gm)) {
        if (name === 'alone') await client.select(Number(database))
        const keys = await client.keys('*')
        found.push(...keys.map((key) => `${name}/${database} ${key.replace(/:[^:]*$/, '')}`))
      }
      await client.flushall()
    }
    return found
  }
  const stop = async () => {
    for (const { client } of clients) client.disconnect()
    for (const server of [sentinel, first, last, replica, alone]) await server.stop()
  }
  return { alone, replica, first, sentinel, ca: tls.ca, tlsPort: tls.port, takeKeys, stop }
}

/** A certificate of its own authority, in files that a server reads as it starts. */
async function readyTls() {
  const folder = mkdtempSync(join(tmpdir(), 'bff-tls-'))
  const [keyFile, certFile] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=IP:127.0.0.1']
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', keyFile]
  execFileSync('openssl', ['req', '-x509', ...key, '-out', certFile, ...subject], { stdio: 'ignore' })
  const port = await freePort()
  const files = ['--tls-cert-file', certFile, '--tls-key-file', keyFile, '--tls-ca-cert-file', certFile]
  const settings = ['--tls-port', String(port), ...files, '--tls-auth-clients', 'no']
  return {
    port,
    settings,
    ca: readFileSync(certFile),
    removeFiles: () => rmSync(folder, { recursive: true }),
  }
}

export function codeOf(call: Promise<unknown>): Promise<string> {
  return call.then(
    () => 'answered',
    (error: unknown) => (isBffError(error) ? error.code : String(error)),
  )
}

/** Where Redis is: told by the server, database and name of the one key that `write` leaves under the name `value`. */
export function placeCases<Client>(
  { alone, first, sentinel, ca, tlsPort, takeKeys }: Places,
  write: (options: SharedRedisOptions & { readonly client?: Client }) => Promise<void>,
  kind: 't' | 'q',
  own: { readonly client: Client; readonly place: string },
): OptionCases<Omit<SharedRedisOptions & { readonly client?: Client }, 'operationTimeoutMs'>> {
  const { host, url } = alone
  const sentinels = [sentinel]
  const usual = [`alone/0 bff:${kind}`]
  const where = async (options: SharedRedisOptions & { readonly client?: Client }) => {
    await takeKeys()
    const outcome = await codeOf(write({ operationTimeoutMs: 5000, ...options }))
    return outcome === 'answered' ? takeKeys() : outcome
  }
  return {
    client: {
      set: own.client as Exclude<Client, undefined>,
      see: (options) => where(options.client ? options : { url }),
      shows: [usual, [`${own.place}:${kind}`]],
    },
    url: { instead: url, set: `${url}/4`, see: where, shows: [usual, [`alone/4 bff:${kind}`]] },
    sentinels: {
      set: sentinels,
      see: (options) =>
        where(
          options.sentinels ? { name: 'other', sentinelPassword: SENTINEL_PASSWORD, ...options } : { url },
        ),
      shows: [usual, [`last/0 bff:${kind}`]],
    },
    name: {
      instead: 'primary',
      set: 'other',
      see: (options) => where({ sentinels, sentinelPassword: SENTINEL_PASSWORD, ...options }),
      shows: [usual, [`last/0 bff:${kind}`]],
    },
    cluster: {
      // The key's slot is on the other node, which this one knows.
      set: [first],
      see: (options) => where(options.cluster ? options : { url }),
      shows: [usual, [`last/0 bff:${kind}`]],
    },
    username: {
      instead: 'reader',
      set: 'bff',
      see: (options) => where({ url, password: 'word', ...options }),
      shows: ['store_unavailable', usual],
    },
    password: {
      set: 'word',
      see: (options) => where({ url, username: 'bff', ...options }),
      shows: ['store_unavailable', usual],
    },
    sentinelPassword: {
      set: SENTINEL_PASSWORD,
      // Without it the sentinel is asked again until time is up.
      see: ({ sentinelPassword }) =>
        sentinelPassword === undefined
          ? where({ sentinels, name: 'primary', operationTimeoutMs: 100 })
          : where({ sentinels, name: 'primary', sentinelPassword }),
      shows: ['store_unavailable', usual],
    },
    db: {
      set: 3,
      see: (options) => where({ url, ...options }),
      shows: [usual, [`alone/3 bff:${kind}`]],
    },
    tls: {
      set: { ca },
      see: (options) => where({ url: `redis://${host}:${tlsPort}`, ...options }),
      shows: ['store_unavailable', usual],
    },
    prefix: {
      set: 'shop:',
      see: (options) => where({ url, ...options }),
      shows: [usual, [`alone/0 shop:${kind}`]],
    },
  }
}
