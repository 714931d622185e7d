import { randomBytes, randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import { type BetterAuthOptions, betterAuth } from 'better-auth'
import { getMigrations } from 'better-auth/db/migration'
import { fromNodeHeaders } from 'better-auth/node'
import BetterSqlite3 from 'better-sqlite3'
import fastify from 'fastify'
import pg from 'pg'
import { APP_ORIGIN } from '../protocol.ts'
import type { Measured, Peer } from './bff.ts'
import { ORDERS } from './serve.ts'

/** Longer than its default of five minutes, so that no round of the benchmark meets the end of the cached session. */
const COOKIE_CACHE = { enabled: true, maxAge: 3600 }

async function onFastify(
  database: NonNullable<BetterAuthOptions['database']>,
  isCached = false,
): Promise<Measured> {
  const options = {
    database,
    baseURL: APP_ORIGIN,
    secret: randomBytes(32).toString('base64url'),
    emailAndPassword: { enabled: true },
    ...(isCached && { session: { cookieCache: COOKIE_CACHE } }),
  } satisfies BetterAuthOptions
  await (await getMigrations(options)).runMigrations()
  const auth = betterAuth(options)
  const app = fastify()
  app.get('/orders', async (request, reply) => {
    const session = await auth.api.getSession({ headers: fromNodeHeaders(request.headers) })
    return session === null ? reply.code(401).send() : { ...ORDERS, user: session.user.id }
  })
  await app.ready()
  const { headers } = await auth.api.signUpEmail({
    body: { name: 'Alice', email: `alice-${randomUUID()}@example.com`, password: 'any password' },
    returnHeaders: true,
  })
  const cookies = headers.getSetCookie().map((cookie) => cookie.split(';', 1)[0])
  return { app: createServer(app.routing), cookie: cookies.join('; ') }
}

export const BETTER_AUTH: Readonly<Record<string, Peer>> = {
  'better-auth, SQLite': ({ sqlite = '' }) => onFastify(new BetterSqlite3(sqlite)),
  'better-auth, SQLite, cookie cache': ({ sqlite = '' }) => onFastify(new BetterSqlite3(sqlite), true),
  'better-auth, Postgres': ({ postgres }) => onFastify(new pg.Pool({ connectionString: postgres })),
  'better-auth, Postgres, cookie cache': ({ postgres }) =>
    onFastify(new pg.Pool({ connectionString: postgres }), true),
}
