import type { RuntimeName } from './runtimes.ts'

/** Laws that a framework or a runtime breaks before any code of ours can see the request, or after it has answered. */
export interface Hole {
  readonly laws: readonly string[]
  /** The runtimes. @default every one */
  readonly on?: readonly RuntimeName[]
  /** The rows, by the beginning of their names. @default every one */
  readonly of?: readonly string[]
  readonly reason: string
  /** It holds in some runs: the page gives the reason even where the last one saw no fault. */
  readonly atTimes?: true
}

const FETCH_ROWS = ['`bff.fetch`', '`@bff/hono`']

export const HOLES: readonly Hole[] = [
  {
    laws: ['SS-01'],
    on: ['Node 22'],
    of: ['`@bff/store-sql`, a file through `node:sqlite`'],
    reason: 'Node 22 stores bytes of length zero as `NULL`. What the core seals is never that short.',
  },
  {
    // As small as it gets: `createServer((_, res) => res.writeHead(401).end())`, and a client that writes 6 MB before it reads. With
    // large socket buffers it may write all, and receives the response or a reset: so the law holds at times.
    laws: ['HA-39'],
    on: ['Deno'],
    of: ['`@bff/astro`', '`@bff/next`'],
    reason:
      'Deno’s `node:http` does not read the rest of a body that the app refused, so a client that sends all of it before it reads waits, or loses the response. The law holds at times. Browsers read while they send.',
    atTimes: true,
  },
  {
    // As small as it gets: a handler that reads `request.body` to its end without waiting for that, and answers with a `ReadableStream`
    // that ends after 20 ms; a client that writes 6 MB before it reads. The pending read never settles. With a stream that has ended
    // before, or ends after the body, all is read: so the law holds at times.
    laws: ['HA-38'],
    on: ['Deno'],
    of: FETCH_ROWS,
    reason:
      '`Deno.serve` stops reading a body when a streamed response ends in the middle of it, so a client that sends all of it before it reads waits. The law holds at times. Browsers read while they send. Or serve with `@bff/node` on Deno.',
    atTimes: true,
  },
  {
    laws: ['HA-14'],
    of: ['`@bff/astro`'],
    reason: '`@astrojs/node` answers 400 to a percent sign that encodes nothing, also in a query.',
  },
  {
    laws: ['HA-15'],
    of: ['`@bff/astro`'],
    reason: '`@astrojs/node` takes the target `*` for the path `/`. No page can send one.',
  },
  {
    laws: ['HA-42'],
    of: ['`@bff/astro`'],
    reason:
      '`@astrojs/node` reads a response as fast as it comes, and keeps the rest for a client that reads slowly. Let `@bff/express` serve APIs with large responses in front of its handler.',
  },
  {
    laws: ['HA-11'],
    on: ['Bun', 'Deno', 'workerd'],
    of: FETCH_ROWS,
    reason:
      'The server makes a URL of every target before the app sees the request, so a target that names a host passes for its path. No page can send one.',
  },
  {
    laws: ['HA-80', 'HA-81', 'HA-82', 'HA-83', 'HA-84', 'HA-85', 'HA-86', 'HA-87'],
    on: ['Bun'],
    of: FETCH_ROWS,
    reason:
      '`Bun.serve` sends the end of a response’s head together with the first byte of its body. A stream opens with its first event: let the API begin with a comment, or serve with `@bff/node` on Bun.',
  },
  {
    laws: ['HA-80', 'HA-81', 'HA-82', 'HA-83', 'HA-84', 'HA-85', 'HA-86', 'HA-87'],
    on: ['Bun'],
    of: ['`@bff/sveltekit`', '`@bff/astro`'],
    reason:
      'The framework’s Node server does not send the head of a response on its own, and Bun’s `node:http` holds it until the first byte of the body. A stream opens with its first event.',
  },
  {
    laws: ['HA-24'],
    on: ['workerd'],
    of: FETCH_ROWS,
    reason: 'workerd joins several `Cookie` lines with a comma. A browser sends one line over HTTP/1.1.',
  },
  {
    laws: ['HA-24'],
    on: ['Deno'],
    of: ['`@bff/react-router`', '`@bff/tanstack-start`'],
    reason:
      'Deno’s `Headers` join several `Cookie` lines with a comma. A browser sends one line over HTTP/1.1.',
  },
  {
    laws: ['HA-39'],
    on: ['workerd'],
    of: FETCH_ROWS,
    reason:
      'workerd does not read the rest of a body that the app refused, so a client that sends all of it before it reads waits. Browsers read while they send.',
  },
  {
    laws: ['HA-50', 'HA-51', 'HA-83'],
    on: ['workerd'],
    of: FETCH_ROWS,
    reason: 'workerd on its own does not notice that a silent client has left until it writes to it.',
  },
  {
    laws: ['HA-52'],
    on: ['workerd'],
    of: FETCH_ROWS,
    reason:
      'workerd ends the body of a client that left as if it were whole. Have the API check a length or a digest of uploads.',
  },
  {
    laws: ['HA-15'],
    of: ['`@bff/sveltekit`', '`@bff/next`'],
    reason: 'The framework answers `OPTIONS *` itself.',
  },
  {
    laws: ['HA-14'],
    of: ['`@bff/next`'],
    reason: 'Next.js writes the query again: `%20` becomes `+`.',
  },
]

/** The holes of a row on a runtime. */
export const holesOf = (row: string, runtime: RuntimeName): Hole[] =>
  HOLES.filter(
    ({ on, of }) => (on?.includes(runtime) ?? true) && (of?.some((name) => row.startsWith(name)) ?? true),
  )

/** The hole that a law falls into, `undefined` when it must hold. */
export const holeOf = (row: string, runtime: RuntimeName, law: string): Hole | undefined =>
  holesOf(row, runtime).find(({ laws }) => laws.includes(law))
