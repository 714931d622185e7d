import type { RuntimeName } from './runtimes.ts'

const NODE = ['Node 22', 'Node 24', 'Node 26'] as const
const NODE_LIKE = [...NODE, 'Bun', 'Deno'] as const

/** How a framework is served on some runtimes. */
export interface Served {
  readonly on: readonly RuntimeName[]
  /** One of `src/programs`. */
  readonly program: 'http' | 'web-node' | 'web-bun' | 'web-deno' | 'web-workerd'
  /** The file that registers the laws, or the app that is a fetch handler, relative to the root. */
  readonly file: string
  /** The name under which `file` serves it. */
  readonly as: string
}

/** A row of the matrix. */
export interface Framework {
  readonly name: string
  readonly served: readonly Served[]
  /** Why it does not run on the other runtimes. */
  readonly elsewhere: string | null
  readonly external?: readonly string[]
  /** A module whose default export builds what is served. */
  readonly build?: string
  /** Whether a fast run proves it, on the runtimes of a fast run. */
  readonly fast?: true
}

const NEEDS_SERVER = 'It is a server of Node, which workerd has not.'

const web = (file: string): Served[] => [
  { on: ['Bun'], program: 'web-bun', file, as: 'web' },
  { on: ['Deno'], program: 'web-deno', file, as: 'web' },
  { on: ['workerd'], program: 'web-workerd', file, as: 'web' },
]

const laws = (
  folder: string,
  as: string,
  on: readonly RuntimeName[] = NODE_LIKE,
  file = 'laws',
): Served[] => [{ on, program: 'http', file: `packages/${folder}/test/${file}.test.ts`, as }]

const FETCH_APP = 'packages/http-testkit/test/web-app.ts'

/** What Nest loads only where it is installed. */
const OPTIONAL_IN_NEST = [
  '@nestjs/microservices',
  '@nestjs/websockets',
  'class-transformer',
  'class-validator',
  '@fastify/multipart',
  '@fastify/static',
  '@fastify/view',
]

export const FRAMEWORKS: readonly Framework[] = [
  {
    name: '`bff.fetch`',
    served: [{ on: NODE, program: 'web-node', file: FETCH_APP, as: 'web' }, ...web(FETCH_APP)],
    elsewhere: null,
    fast: true,
  },
  { name: '`@bff/node`', served: laws('node', 'node:http'), elsewhere: NEEDS_SERVER, fast: true },
  { name: '`@bff/express`, Express 5', served: laws('express', 'Express 5'), elsewhere: NEEDS_SERVER },
  {
    name: '`@bff/express`, Express 4',
    served: laws('express', 'Express 4', NODE_LIKE, 'other-laws'),
    elsewhere: NEEDS_SERVER,
  },
  { name: '`@bff/koa`', served: laws('koa', 'Koa'), elsewhere: NEEDS_SERVER },
  { name: '`@bff/fastify`', served: laws('fastify', '@bff/fastify'), elsewhere: NEEDS_SERVER },
  {
    name: '`@bff/hono`',
    served: [...laws('hono', 'Hono', NODE), ...web('packages/hono/test/laws-app.ts')],
    elsewhere: null,
  },
  {
    name: '`@bff/nest` on Express',
    served: laws('nest', 'Nest on Express'),
    elsewhere: NEEDS_SERVER,
    external: OPTIONAL_IN_NEST,
  },
  {
    name: '`@bff/nest` on Fastify',
    served: laws('nest', 'Nest on Fastify'),
    elsewhere: NEEDS_SERVER,
    external: OPTIONAL_IN_NEST,
  },
  {
    name: '`@bff/sveltekit`, `adapter-node`',
    served: laws('sveltekit', 'sveltekit'),
    elsewhere: NEEDS_SERVER,
    build: 'packages/sveltekit/test/support/build.ts',
  },
  {
    name: '`@bff/react-router`',
    served: laws('react-router', 'React Router'),
    elsewhere: 'Its laws run on a server of Node, which workerd has not.',
  },
  {
    name: '`@bff/astro`, `@astrojs/node`',
    served: laws('astro', 'Astro'),
    elsewhere: NEEDS_SERVER,
    build: 'packages/astro/test/support/build.ts',
  },
  {
    name: '`@bff/nuxt`',
    served: laws('nuxt', 'Nuxt'),
    elsewhere: NEEDS_SERVER,
    build: 'packages/nuxt/test/support/build.ts',
  },
  {
    name: '`@bff/tanstack-start`',
    served: laws('tanstack-start', 'TanStack Start'),
    elsewhere: 'Its laws run on a server of Node, which workerd has not.',
    build: 'packages/tanstack-start/test/support/build.ts',
  },
  {
    name: '`@bff/next`',
    served: laws('next', 'next'),
    elsewhere: NEEDS_SERVER,
    build: 'packages/next/test/support/build.ts',
  },
]
