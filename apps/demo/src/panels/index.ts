import type { BffEvent, Clock, Plugin, PluginContext, PluginFactory, Reply, RequestView } from '@bff/core'
import type { Upstream } from '@bff/core/proxy'
import { createCalls } from './calls.ts'
import { type CopiedJars, createCopiedJars } from './copied-jars.ts'
import { createJournal, type Journal } from './journal.ts'
import { type OutageSwitch, type Outages, outageSwitch } from './outages.ts'
import { json } from './reply.ts'
import { type ServerView, type Surroundings, serverViewOf } from './server-view.ts'
import { LOOT_PATH, thiefAt } from './thief.ts'

export type { Outages } from './outages.ts'
export type { ServerView } from './server-view.ts'

/** How long the demos let one proof of the browser's key be good for, milliseconds: the least that browsers allow. */
export const PROOF_LIFE_MS = 300_000
/** A bound cookie is accepted this much longer, for requests in flight. */
const IN_FLIGHT_MS = 30_000

export interface PanelsOptions {
  /** Another site with the page that attacks the app. @default none, and the page leaves those attacks out */
  readonly foreignOrigin?: string | null
  /** Where the documents are. @default nowhere, and the page has no links to them */
  readonly documentsOrigin?: string | null
  /** What the failure switches take down. @default the page has no such switches */
  readonly outages?: Outages | null
  /** How long a switch takes its part down, milliseconds. @default 8_000 */
  readonly outageMs?: number
  /** Time for the failure switches. @default the clock of the BFF */
  readonly clock?: Clock
}

/** The server's part of what a demo shows of itself. It is no part of a BFF that one would copy. */
export interface Panels {
  /**
   * Endpoints below `/bff/demo`: what the server holds, attacks with a copied cookie, and the failure switches. To be the
   * first plugin, for it notes the calls that pass.
   */
  readonly plugin: PluginFactory
  /** The same transport, watched. */
  watched(upstream: Upstream): Upstream
  /** Hears every event. */
  hear(event: BffEvent): void
}

/** Makes the server's part of the panels of one app. */
export function createPanels(options: PanelsOptions = {}): Panels {
  const { foreignOrigin = null, documentsOrigin = null, outages = null, outageMs = 8_000 } = options
  const journal = createJournal()
  const calls = createCalls(journal)
  const surroundings = { foreignOrigin, documentsOrigin, outageMs: outages === null ? null : outageMs }

  const plugin: PluginFactory = (context) => {
    const base = `${context.options.basePath}/demo`
    const switches = Object.entries(outages ?? {}).map(
      ([part, turn]) => [part, outageSwitch(turn, outageMs, options.clock ?? context.clock)] as const,
    )
    const jars = createCopiedJars({
      thief: thiefAt(context.options.origin),
      clock: context.clock,
      sessionCookie: context.options.cookieName,
      lifeMs: PROOF_LIFE_MS + IN_FLIGHT_MS,
    })
    return {
      middleware: calls.middleware(context),
      endpoints: {
        ...viewEndpoints(base, context, journal, jars, surroundings),
        ...attackEndpoints(base, context, jars),
        ...outageEndpoints(base, context, switches),
      },
      close: async () => {
        jars.close()
        for (const [, outage] of switches) outage.end()
      },
    }
  }
  return {
    plugin,
    watched: calls.watched,
    hear: (event) => {
      journal.record(event)
      calls.hear(event)
    },
  }
}

type Endpoints = NonNullable<Plugin['endpoints']>

/** `GET …/server`, and `GET …/marked/<mark>`: what arrived with a mark, for the page that sent it cannot know. */
function viewEndpoints(
  base: string,
  context: PluginContext,
  journal: Journal,
  jars: CopiedJars,
  surroundings: Surroundings,
): Endpoints {
  const serverView = serverViewOf(context, journal)
  return {
    [`${base}/server`]: get(async (request) => {
      const held = await serverView(request)
      const { handle } = await context.requests.require(request)
      return json({ ...held, ...surroundings, copy: jars.of(handle) } satisfies ServerView)
    }),
    [`${base}/marked/*`]: get(async (request) => {
      await context.requests.require(request)
      const mark = request.target.slice(request.target.lastIndexOf('/') + 1)
      return json({ calls: journal.marked(mark) })
    }),
  }
}

/**
 * `POST …/replay` copies the cookies of its own request, signs out, and sends the copy again. `POST …/copy` copies them, and
 * tries the copy at once and after the life of the bound cookie.
 */
function attackEndpoints(base: string, { requests, options }: PluginContext, jars: CopiedJars): Endpoints {
  const thief = thiefAt(options.origin)
  return {
    [`${base}/replay`]: post(async (request) => {
      await requests.require(request)
      const copy = request.header('cookie') ?? ''
      const before = await thief(copy, LOOT_PATH)
      const signOut = await thief(copy, `${options.basePath}/logout`, 'POST')
      const after = await thief(copy, LOOT_PATH)
      return json({ before, signOut, after })
    }),
    [`${base}/copy`]: post(async (request) => {
      const { handle } = await requests.require(request)
      return json(await jars.copy(handle, request.header('cookie') ?? ''))
    }),
  }
}

/**
 * `POST …/outages/api`, `…/provider` and `…/store`: the failure switches. `GET …/outages` says what is down, without a session:
 * the store may be.
 */
function outageEndpoints(
  base: string,
  { requests }: PluginContext,
  switches: ReadonlyArray<readonly [part: string, outage: OutageSwitch]>,
): Endpoints {
  const down = () => switches.flatMap(([part, { isDown }]) => (isDown ? [part] : []))
  return {
    [`${base}/outages`]: get(async () => json({ down: down() })),
    ...Object.fromEntries(
      switches.map(([part, outage]) => [
        `${base}/outages/${part}`,
        post(async (request) => {
          await requests.require(request)
          outage.press()
          return json({ down: down() })
        }),
      ]),
    ),
  }
}

const get = (GET: (request: RequestView) => Promise<Reply>) => ({ methods: { GET } })
const post = (POST: (request: RequestView) => Promise<Reply>) => ({ methods: { POST } })
