import { FRAMEWORKS, type Need } from './protocol.ts'

/** One kind of request, sent to several servers in turns. */
export interface Scenario {
  readonly name: string
  /** Requests of one signed-in browser, or whole sign-ins of new ones. */
  readonly kind: 'requests' | 'sign-ins'
  readonly method: 'GET' | 'POST'
  readonly path: string
  /** Bytes of the request body; 0 for none. */
  readonly bodyBytes: number
  /** Bytes that a response or a request carries, to tell bytes per second. */
  readonly payloadBytes: number
  /** The server that the others are compared with. */
  readonly base: string
  /** Names of servers; those that begin with `bff` run the packages of this repository. */
  readonly servers: readonly string[]
  /** What runs beside the servers. */
  readonly needs: readonly Need[]
}

const KB_64 = 65_536
const MB = 1_048_576

const RELAYS = [
  '@fastify/http-proxy',
  'http-proxy-middleware',
  'undici by hand',
  'bff fastify Bearer',
  'bff fastify DPoP',
  'bff express Bearer',
  'bff express Bearer, own classes',
]

const relayed = (name: string, method: 'GET' | 'POST', bytes: number): Scenario => ({
  name: `relayed ${name}`,
  kind: 'requests',
  method,
  path: method === 'GET' && bytes > 0 ? `/api/bytes?count=${bytes}` : '/api/orders',
  bodyBytes: method === 'POST' ? bytes : 0,
  payloadBytes: bytes,
  base: '@fastify/http-proxy',
  servers: RELAYS,
  needs: ['api'],
})

const authenticated = (
  name: string,
  base: string,
  servers: readonly string[],
  needs: readonly Need[] = [],
): Scenario => ({
  name: `authenticated request, ${name}`,
  kind: 'requests',
  method: 'GET',
  path: '/orders',
  bodyBytes: 0,
  payloadBytes: 0,
  base,
  servers: [base, ...servers],
  needs,
})

const onFastify = (store: 'Redis' | 'SQLite' | 'Postgres', others: readonly string[]) =>
  authenticated(
    `Fastify with ${store}`,
    `fastify by hand, ${store}`,
    ['bare fastify', `bff fastify, ${store}`, `bff fastify, ${store}, cache`, ...others],
    [store === 'Redis' ? 'redis' : store === 'SQLite' ? 'sqlite' : 'postgres'],
  )

const betterAuth = (store: string) => [`better-auth, ${store}`, `better-auth, ${store}, cookie cache`]

export const SCENARIOS: readonly Scenario[] = [
  relayed('GET, small', 'GET', 0),
  relayed('GET, 64 kB', 'GET', KB_64),
  relayed('GET, 1 MB', 'GET', MB),
  relayed('POST, 64 kB', 'POST', KB_64),
  relayed('POST, 1 MB', 'POST', MB),
  onFastify('Redis', ['@fastify/session, Redis', 'iron-session on fastify']),
  onFastify('SQLite', betterAuth('SQLite')),
  onFastify('Postgres', betterAuth('Postgres')),
  {
    ...authenticated('that uses the token', 'fastify by hand, Redis', ['bff fastify, Redis'], ['redis']),
    path: '/orders-with-token',
  },
  authenticated(
    'Express with Redis',
    'express by hand, Redis',
    [
      'bare express',
      'bff express, Redis',
      'bff express, Redis, cache',
      'express-session, Redis',
      'iron-session on express',
      'express-openid-connect, cookie',
      'express-openid-connect, Redis',
    ],
    ['redis', 'provider'],
  ),
  ...FRAMEWORKS.map((framework) =>
    authenticated(`${framework} in memory`, `bare ${framework}`, [`bff ${framework}, memory`]),
  ),
  {
    ...authenticated('', '', [], []),
    name: 'sign-in, end to end',
    kind: 'sign-ins',
    base: 'bff express, memory',
    servers: [
      'bff express, memory',
      'bff express, Redis',
      'bff fastify, Redis',
      'bff fastify, SQLite',
      'bff fastify, Postgres',
      'express-openid-connect, cookie',
      'express-openid-connect, Redis',
    ],
    needs: ['redis', 'sqlite', 'postgres', 'provider'],
  },
]
