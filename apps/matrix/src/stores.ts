import type { RuntimeName } from './runtimes.ts'

const NODE = ['Node 22', 'Node 24', 'Node 26'] as const
const NODE_LIKE = [...NODE, 'Bun', 'Deno'] as const

/** A row of the matrix. */
export type Store = DriverStore | BindingStore

interface Row {
  readonly name: string
  readonly on: readonly RuntimeName[]
  /** Why it does not run on the other runtimes. */
  readonly elsewhere: string | null
  readonly fast?: true
}

/** A store with a driver, which is bundled with its laws into one program. */
export interface DriverStore extends Row {
  /** The file that registers the laws, relative to the root, and the group of them. */
  readonly file: string
  readonly group: string
  readonly external?: readonly string[]
  /** A module whose default export starts the server: its endpoint is `MATRIX_SERVER` in the environment of the laws. */
  readonly server?: string
}

/** A store behind a binding of workerd, which Miniflare provides. */
export interface BindingStore extends Row {
  /** A module whose default export starts Miniflare and returns the laws within. */
  readonly miniflare: string
}

const NEEDS_CONNECTION =
  'A connection of workerd belongs to the request that opened it, and the driver keeps its connections.'

const IS_BINDING = 'It is a binding of Cloudflare Workers, which only workerd has.'

const sql = (file: string) => `packages/store-sql/test/${file}.test.ts`
const drizzle = (file: string) => `packages/store-drizzle/test/${file}.test.ts`

export const STORES: readonly Store[] = [
  {
    name: 'Keys and proofs of `@bff/core`',
    file: 'apps/matrix/test/keys.test.ts',
    group: 'keys',
    on: [...NODE_LIKE, 'workerd'],
    elsewhere: null,
    fast: true,
  },
  {
    name: '`@bff/store-memory`',
    file: 'packages/store-memory/test/laws.test.ts',
    group: '',
    on: [...NODE_LIKE, 'workerd'],
    elsewhere: null,
    fast: true,
  },
  {
    name: '`@bff/store-redis`, one server',
    file: 'packages/store-redis/test/laws.test.ts',
    group: 'one server',
    on: NODE_LIKE,
    elsewhere: NEEDS_CONNECTION,
  },
  {
    name: '`@bff/store-redis`, Cluster',
    file: 'packages/store-redis/test/laws.test.ts',
    group: 'a Cluster of three masters [STO-08]',
    on: NODE_LIKE,
    elsewhere: NEEDS_CONNECTION,
  },
  {
    name: '`@bff/store-redis/node-redis`, one server, beside a process on ioredis',
    file: 'packages/store-redis/test/node-redis/laws.test.ts',
    group: 'one server, beside a process on ioredis',
    on: NODE_LIKE,
    elsewhere: NEEDS_CONNECTION,
  },
  {
    name: '`@bff/store-redis/node-redis`, Cluster',
    file: 'packages/store-redis/test/node-redis/laws.test.ts',
    group: 'a Cluster of three masters [STO-08]',
    on: NODE_LIKE,
    elsewhere: NEEDS_CONNECTION,
  },
  {
    name: '`@bff/store-dynamodb`, on dynalite',
    file: 'packages/store-dynamodb/test/all-laws.ts',
    group: 'one table',
    on: [...NODE_LIKE, 'workerd'],
    elsewhere: null,
    server: 'packages/store-dynamodb/test/servers.ts',
  },
  {
    name: '`@bff/store-drizzle`, SQLite through `better-sqlite3` 13',
    file: drizzle('sqlite'),
    group: 'SQLite',
    on: [...NODE, 'Deno'],
    elsewhere: 'The driver is a native module for Node.',
    external: ['better-sqlite3'],
  },
  {
    name: '`@bff/store-drizzle`, Postgres through `postgres`',
    file: drizzle('postgres'),
    group: 'Postgres',
    on: NODE_LIKE,
    elsewhere: NEEDS_CONNECTION,
    external: ['pg-native'],
  },
  {
    name: '`@bff/store-drizzle`, Postgres through `pg`',
    file: drizzle('postgres'),
    group: 'Postgres through node-postgres',
    on: NODE_LIKE,
    elsewhere: NEEDS_CONNECTION,
    external: ['pg-native'],
  },
  {
    name: '`@bff/store-drizzle`, MariaDB through `mysql2`',
    file: drizzle('mysql'),
    group: 'MariaDB',
    on: NODE_LIKE,
    elsewhere: NEEDS_CONNECTION,
  },
  {
    name: '`@bff/store-sql`, Postgres through `pg`',
    file: sql('pg'),
    group: 'Postgres through node-postgres',
    on: NODE_LIKE,
    elsewhere: NEEDS_CONNECTION,
    external: ['pg-native'],
  },
  {
    name: '`@bff/store-sql`, Postgres through `postgres`',
    file: sql('pools'),
    group: 'Postgres through postgres.js',
    on: NODE_LIKE,
    elsewhere: NEEDS_CONNECTION,
    external: ['pg-native'],
  },
  {
    name: '`@bff/store-sql`, MariaDB through `mysql2`',
    file: sql('pools'),
    group: 'MariaDB through mysql2',
    on: NODE_LIKE,
    elsewhere: NEEDS_CONNECTION,
    external: ['pg-native'],
  },
  {
    name: '`@bff/store-sql`, SQLite through `better-sqlite3` 13',
    file: sql('better-sqlite3'),
    group: "SQLite through the app's own better-sqlite3",
    on: [...NODE, 'Deno'],
    elsewhere: 'The driver is a native module for Node.',
    external: ['better-sqlite3'],
  },
  {
    name: '`@bff/store-sql`, a file through `node:sqlite`',
    file: sql('node-sqlite'),
    group: 'a file through node:sqlite',
    on: NODE_LIKE,
    elsewhere: 'workerd has no files.',
  },
  {
    name: '`@bff/store-sql`, a file through `@libsql/client`',
    file: sql('libsql'),
    group: 'a file through libsql',
    on: NODE,
    elsewhere: 'The driver is a native module for Node.',
    external: ['@libsql/client', 'better-sqlite3'],
  },
  {
    name: '`@bff/store-sql`, D1 of Miniflare',
    miniflare: 'packages/store-sql/test/d1.ts',
    on: ['workerd'],
    elsewhere: IS_BINDING,
  },
  {
    name: '`@bff/store-sql`, a Durable Object',
    miniflare: 'packages/store-sql/test/durable-objects.ts',
    on: ['workerd'],
    elsewhere: IS_BINDING,
  },
]
