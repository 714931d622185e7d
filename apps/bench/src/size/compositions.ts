/** A typical app, and what it installs. */
export interface Composition {
  readonly name: string
  /** Below `src/compositions`. */
  readonly file: string
  readonly installs: readonly string[]
}

export const COMPOSITIONS: readonly Composition[] = [
  {
    name: 'Fastify, OpenID Connect, Redis',
    file: 'fastify-redis',
    installs: ['@bff/core', '@bff/fastify', '@bff/oidc', '@bff/store-redis', 'fastify', 'ioredis'],
  },
  {
    name: 'Express, OpenID Connect, Postgres, a relay',
    file: 'express-postgres',
    installs: [
      ...['@bff/core', '@bff/express', '@bff/node', '@bff/oidc', '@bff/store-drizzle'],
      ...['express', 'drizzle-orm', 'postgres'],
    ],
  },
  {
    name: 'Hono, OpenID Connect, memory',
    file: 'hono-memory',
    installs: ['@bff/core', '@bff/hono', '@bff/oidc', '@bff/store-memory', 'hono', '@hono/node-server'],
  },
]

/** What an app without sessions installs beside them, and packages that do a similar work. */
export const OTHER_INSTALLS: readonly (readonly string[])[] = [
  ['fastify', 'ioredis'],
  ['express', 'express-openid-connect', 'connect-redis', 'redis'],
  ['fastify', 'better-auth', 'pg'],
]
