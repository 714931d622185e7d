import type { Peer } from './bff.ts'

const lazily =
  (load: () => Promise<Readonly<Record<string, Peer>>>) =>
  (name: string): [string, Peer] => [
    name,
    async (surroundings) => {
      const peer = (await load())[name]
      if (peer === undefined) throw new Error(`There is no server named ${name}.`)
      return peer(surroundings)
    },
  ]

const byHand = lazily(async () => (await import('./by-hand.ts')).BY_HAND)
const sessionPackage = lazily(async () => (await import('./session-packages.ts')).SESSION_PACKAGES)
const openidConnect = lazily(async () => (await import('./express-openid-connect.ts')).OPENID_CONNECT)
const betterAuth = lazily(async () => (await import('./better-auth.ts')).BETTER_AUTH)

/**
 * Servers that find a user's session with a published package, or with a hand-written line. Each loads what it needs, because all of
 * them in one process would make its heap larger than that of any app.
 */
export const PEERS: Readonly<Record<string, Peer>> = Object.fromEntries([
  ...['Redis', 'SQLite', 'Postgres'].map((kind) => byHand(`fastify by hand, ${kind}`)),
  byHand('express by hand, Redis'),
  ...[
    '@fastify/session, Redis',
    'express-session, Redis',
    'iron-session on fastify',
    'iron-session on express',
  ].map(sessionPackage),
  ...['express-openid-connect, cookie', 'express-openid-connect, Redis'].map(openidConnect),
  ...['SQLite', 'Postgres'].flatMap((kind) => [
    betterAuth(`better-auth, ${kind}`),
    betterAuth(`better-auth, ${kind}, cookie cache`),
  ]),
])
