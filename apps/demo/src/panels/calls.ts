import { AsyncLocalStorage } from 'node:async_hooks'
import type { BffEvent, Plugin, PluginContext, RequestView } from '@bff/core'
import type { Upstream, UpstreamRequest } from '@bff/core/proxy'
import type { ApiCall, Call } from './call.ts'
import type { Journal } from './journal.ts'

export interface Calls {
  /** Watches the requests of a BFF. To be its first plugin: then it sees what any other refuses. */
  middleware(context: PluginContext): NonNullable<Plugin['middleware']>
  /** Notes what the call under way was refused for. */
  hear(event: BffEvent): void
  /** The same transport, watched. */
  watched(upstream: Upstream): Upstream
}

interface Passing {
  readonly startedAt: number
  refusedFor: string | null
  api: ApiCall | null
}

const MARK = /^[\w-]{1,64}$/

/** Notes in the journal what passes through the BFF: calls that reach the API, and calls with a `mark` in their query. */
export function createCalls(journal: Journal): Calls {
  const passing = new AsyncLocalStorage<Passing>()

  return {
    middleware: ({ requests, clock, options }) => {
      async function note(request: RequestView, call: Call): Promise<void> {
        const mark = new URLSearchParams(request.target.split('?')[1]).get('mark')
        if (mark !== null && MARK.test(mark)) journal.recordMarked(mark, call)
        if (call.api === null) return
        // The BFF has read the session of a call that reached the API: this asks no store.
        const session = await requests.get(request).catch(() => null)
        if (session !== null) journal.recordCall(session.handle, call)
      }

      return (request, path, next) => {
        const own: Passing = { startedAt: performance.now(), refusedFor: null, api: null }
        const at = clock.now()
        return passing.run(own, async () => {
          const reply = await next()
          const durationMs = performance.now() - own.startedAt
          const { refusedFor, api } = own
          const { status } = reply
          await note(request, {
            ...arrived(request, path, options.cookieName),
            at,
            refusedFor,
            status,
            durationMs,
            api,
          })
          return reply
        })
      }
    },

    hear: (event) => {
      const call = passing.getStore()
      if (event.type === 'csrf.rejected' && call !== undefined) call.refusedFor = event.reason
    },

    watched: (upstream) => ({
      ...upstream,
      send: async (request) => {
        const call = passing.getStore()
        if (call === undefined) return upstream.send(request)
        const sent = sentTo(request, performance.now() - call.startedAt)
        call.api = sent
        const response = await upstream.send(request)
        call.api = { ...sent, answeredMs: performance.now() - call.startedAt, status: response.status }
        return response
      },
    }),
  }
}

function arrived(request: RequestView, path: string, sessionCookie: string) {
  const names = (request.header('cookie') ?? '').split(/; */).flatMap((pair) => pair.split('=')[0] || [])
  return {
    method: request.method,
    path,
    cookies: names,
    sessionCookie: names.includes(sessionCookie) ? sessionCookie : null,
    hasCsrfHeader: request.header('x-csrf') !== undefined,
    hasAuthorization: request.header('authorization') !== undefined,
    site: request.header('sec-fetch-site') ?? null,
  }
}

function sentTo({ url, headers }: UpstreamRequest, sentMs: number): ApiCall {
  const header = (name: string) => headers.find(([other]) => other === name)?.[1]
  const { origin, pathname } = new URL(url)
  return {
    url: origin + pathname,
    scheme: header('authorization')?.split(' ')[0] ?? null,
    hasProof: header('dpop') !== undefined,
    hasCookie: header('cookie') !== undefined,
    sentMs,
    answeredMs: null,
    status: null,
  }
}
