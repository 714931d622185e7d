import type { ApiProxy, ApiRoute } from '../contracts/api-proxy.ts'
import type { CsrfCheck } from '../contracts/csrf.ts'
import type { Endpoint } from '../contracts/endpoint.ts'
import type { Emit } from '../contracts/events.ts'
import type { Plugin } from '../contracts/plugin.ts'
import type { Reply } from '../contracts/reply.ts'
import type { RequestSessions } from '../contracts/request-sessions.ts'
import type { RequestView } from '../contracts/request-view.ts'
import type { ResolvedOptions } from '../contracts/resolved-options.ts'
import type { Session } from '../contracts/session.ts'
import { BffError, isBffError } from '../internal/bff-error.ts'
import { forLog } from '../internal/for-log.ts'
import { csrfViolation } from '../internal/http/csrf.ts'
import { isOriginForm } from '../internal/http/origin-form.ts'
import { errorReply } from '../internal/http/replies.ts'
import type { UnderWay } from '../internal/under-way.ts'

/** Only an endpoint reads the query, so only it parses it. */
type Answer = (request: RequestView, query: string) => Promise<Reply>

export interface PipelineDependencies {
  readonly options: ResolvedOptions
  /** By absolute path, those of the plugins included. */
  readonly endpoints: ReadonlyArray<readonly [path: string, endpoint: Endpoint]>
  readonly plugins: readonly Plugin[]
  readonly proxy: ApiProxy | null
  readonly requests: RequestSessions
  readonly emit: Emit
  readonly underWay: UnderWay
}

/** The one way of every request through the BFF. */
export interface Pipeline {
  /** `undefined`, synchronously, when the path is the app's. */
  handle(request: RequestView): Promise<Reply> | undefined
  /** @throws BffError `csrf_violation` */
  refuseForgery(request: RequestView, path: string, check?: CsrfCheck): void
  replyTo(error: unknown, path: string): Reply
}

/** HEAD is GET without its body (RFC 9110 §9.3.2), but where GET changes something. */
const hasHead = ({ methods, getChanges = false }: Endpoint) =>
  Object.hasOwn(methods, 'GET') && !Object.hasOwn(methods, 'HEAD') && !getChanges

export function createPipeline({
  options,
  endpoints,
  plugins,
  proxy,
  requests,
  emit,
  underWay,
}: PipelineDependencies): Pipeline {
  const { basePath } = options
  const answers = new Map<string, Answer>()
  for (const [path, endpoint] of endpoints) {
    if (answers.has(path)) throw new BffError('invalid_config', `Two endpoints are at ${path}.`)
    answers.set(path, answerOf(endpoint, path))
  }
  const around = plugins.flatMap((plugin) => plugin.around?.bind(plugin) ?? [])
  const refuse =
    (code: 'not_found' | 'invalid_path'): Answer =>
    async () => {
      throw new BffError(code)
    }
  const nothingHere = refuse('not_found')
  const notOriginForm = refuse('invalid_path')

  function refuseForgery(request: RequestView, path: string, check?: CsrfCheck): void {
    const reason = csrfViolation(request, options.csrf, check)
    if (reason === null) return
    emit({ type: 'csrf.rejected', reason, path: forLog(path) })
    throw new BffError('csrf_violation')
  }

  function answerOf(endpoint: Endpoint, path: string): Answer {
    return async (request, query) => {
      // Own members only: a method of the client's choosing must not find `constructor`. A handshake lacks the CSRF header.
      const method = request.method === 'HEAD' && hasHead(endpoint) ? 'GET' : request.method
      const answer =
        !request.upgrade && Object.hasOwn(endpoint.methods, method) ? endpoint.methods[method] : undefined
      if (answer === undefined) {
        const methods = Object.keys(endpoint.methods)
        if (hasHead(endpoint)) methods.push('HEAD')
        return errorReply(new BffError('method_not_allowed'), [], [['allow', methods.join(', ')]])
      }
      if (!endpoint.csrfExempt?.includes(method)) refuseForgery(request, path)
      return underWay.run(() => answer(request, new URLSearchParams(query)))
    }
  }

  function relay(route: ApiRoute, path: string): Answer {
    return async (request) => {
      refuseForgery(request, path, route.csrf)
      return route.forward(request, await sessionFor(route, request))
    }
  }

  async function sessionFor({ token }: ApiRoute, request: RequestView): Promise<Session | null> {
    if (token === 'none') return null
    return token === 'user' ? requests.require(request) : requests.optional(request)
  }

  function replyTo(error: unknown, path: string): Reply {
    const code = isBffError(error) ? error.code : 'internal_error'
    const cause = isBffError(error) && error.cause !== undefined ? error.cause : error
    if (code === 'store_unavailable') emit({ type: 'store.unavailable', operation: forLog(path), cause })
    else if (!isBffError(error) || error.status === 500 || error.status === 503)
      emit({ type: 'request.failed', code, path: forLog(path), cause })
    return errorReply(error)
  }

  function find(target: string, path: string): Answer | undefined {
    const answer = answers.get(path) ?? answers.get(`${path.slice(0, path.lastIndexOf('/'))}/*`)
    if (answer !== undefined) return answer
    if (!isOriginForm(target)) return notOriginForm
    if (path === basePath || path.startsWith(`${basePath}/`)) return nothingHere
    const route = proxy?.match(path) ?? null
    return route === null ? undefined : relay(route, path)
  }

  return {
    handle(request) {
      const { target } = request
      const end = target.indexOf('?')
      const path = end === -1 ? target : target.slice(0, end)
      const answer = find(target, path)
      if (answer === undefined) return undefined
      if (underWay.isClosing) return Promise.resolve(errorReply(new BffError('shutting_down')))
      const inner = () =>
        answer(request, target.slice(path.length)).catch((error: unknown) => replyTo(error, path))
      const outer = around.reduceRight<() => Promise<Reply>>(
        (next, stand) => async () => {
          try {
            return await stand(request, path, next)
          } catch (error) {
            return replyTo(error, path)
          }
        },
        inner,
      )
      return outer()
    },
    refuseForgery,
    replyTo,
  }
}
