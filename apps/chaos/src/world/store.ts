import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { migrateMysql, migratePostgres, migrateSqlite } from '@bff/demo/migrate'
import {
  dumpMariadb,
  dumpPostgres,
  type ReplicatedCluster,
  type Server,
  startMariadb,
  startPostgres,
  startRedis,
  startReplicatedCluster,
} from '@bff/servers'
import { type FaultProxy, faultProxy } from '@bff/store-testkit'
import BetterSqlite3 from 'better-sqlite3'
import type { StoreAddress } from '../node/protocol.ts'

export const STORES = [
  'redis',
  'redis-everysec',
  'cluster',
  'postgres',
  'mysql',
  'sqlite',
  'sqlite-own',
] as const
export type StoreName = (typeof STORES)[number]

/** A store with what can be broken of it; `null` for what it does not have. */
export interface StoreUnderTest {
  readonly name: StoreName
  readonly address: StoreAddress
  readonly server: Server | null
  readonly proxy: FaultProxy | null
  readonly cluster: ReplicatedCluster | null
  /** The database file. */
  readonly path: string | null
  /** What is wrong with the data at the end; `null`: nothing. */
  damage(): string | null
  /** All that it keeps. */
  dump(): Buffer
  close(): Promise<void>
}

const NOTHING = {
  server: null,
  proxy: null,
  cluster: null,
  path: null,
  damage: () => null,
  dump: () => Buffer.alloc(0),
}

/**
 * When Postgres gives up a connection whose client is gone: the store asks it to. The proxy must, as the server's
 * probes reach no further than the proxy.
 */
const KEEP_ALIVE_MS = 25_000

/** Starts a store whose acknowledged writes survive a killed server. */
export async function openStore(name: StoreName): Promise<StoreUnderTest> {
  const folder = mkdtempSync(join(tmpdir(), 'bff-chaos-'))
  const removeFolder = () => rmSync(folder, { recursive: true, force: true })
  switch (name) {
    case 'redis':
    case 'redis-everysec': {
      // A killed process loses nothing that it has written, synced or not; only a machine without power does.
      const sync = name === 'redis' ? 'always' : 'everysec'
      const server = await startRedis(['--appendfsync', sync], { folder })
      return { ...(await behindProxy('redis', server, removeFolder, () => bytesOf(folder))), name }
    }
    case 'postgres': {
      const server = await startPostgres([], { folder })
      await migratePostgres(server.url)
      return behindProxy(name, server, removeFolder, () => Buffer.from(dumpPostgres(server.url)))
    }
    case 'mysql': {
      const server = await startMariadb(['--innodb-fast-shutdown=2'], { folder })
      const url = new URL('/chaos', server.url).href
      await migrateMysql(url)
      return behindProxy(
        name,
        { ...server, url, crash: server.crash, start: server.start },
        removeFolder,
        () => Buffer.from(dumpMariadb(url), 'latin1'),
      )
    }
    case 'cluster': {
      removeFolder()
      const cluster = await startReplicatedCluster(3)
      const nodes = cluster.masters.map(({ host, port }) => ({ host, port }))
      return { ...NOTHING, name, cluster, address: { kind: name, nodes, replicas: 1 }, close: cluster.stop }
    }
    case 'sqlite':
    case 'sqlite-own':
      return openSqlite(name, folder, removeFolder)
  }
}

async function behindProxy(
  name: 'redis' | 'postgres' | 'mysql',
  server: Server,
  removeFolder: () => void,
  dump: () => Buffer,
): Promise<StoreUnderTest> {
  const url = new URL(server.url)
  const target = { host: url.hostname, port: Number(url.port) }
  const proxy = await faultProxy(target, name === 'postgres' ? { serverGivesUpMs: KEEP_ALIVE_MS } : {})
  url.port = String(proxy.port)
  const close = async () => {
    await proxy.close()
    await server.stop()
    removeFolder()
  }
  return { ...NOTHING, name, server, proxy, address: { kind: name, url: url.href }, dump, close }
}

/** In a file system of its own that is small enough to fill up, where this process may make one. */
function openSqlite(name: 'sqlite' | 'sqlite-own', folder: string, removeFolder: () => void): StoreUnderTest {
  const isMounted = mount(folder)
  const path = join(folder, 'sessions.db')
  migrateSqlite(path)
  const own = name === 'sqlite-own'
  if (own) {
    const client = new BetterSqlite3(path)
    client.pragma('journal_mode = delete')
    client.close()
  }
  return {
    ...NOTHING,
    name,
    path,
    address: { kind: 'sqlite', path, own },
    dump: () => bytesOf(folder),
    damage() {
      const client = new BetterSqlite3(path, { readonly: true })
      try {
        const found = String(client.pragma('integrity_check', { simple: true }))
        return found === 'ok' ? null : found
      } finally {
        client.close()
      }
    },
    async close() {
      if (isMounted) execFileSync('umount', ['--lazy', folder])
      removeFolder()
    },
  }
}

/** The bytes of all files in a folder. */
function bytesOf(folder: string): Buffer {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((file) => file.isFile())
  return Buffer.concat(files.map(({ parentPath, name }) => readFileSync(join(parentPath, name))))
}

const DISK = '24m'

function mount(folder: string): boolean {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${DISK}`, 'tmpfs', folder], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}
