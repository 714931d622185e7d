import type { ApiProxy } from '../contracts/api-proxy.ts'
import type { Endpoint } from '../contracts/endpoint.ts'
import type { Parts } from '../contracts/parts.ts'
import type { Plugin } from '../contracts/plugin.ts'
import type { Reply } from '../contracts/reply.ts'
import type { RequestSessions } from '../contracts/request-sessions.ts'
import type { RequestView } from '../contracts/request-view.ts'
import { BffError } from '../internal/bff-error.ts'
import { isOpened } from '../internal/http/opened.ts'
import { isOriginForm } from '../internal/http/origin-form.ts'
import { pathOf } from '../internal/http/path-of.ts'
import { refusalFor } from '../internal/http/refusal.ts'
import { relay } from '../internal/http/relay.ts'
import { errorReply as refusal } from '../internal/http/replies.ts'

/** Only an endpoint reads the query, so only it parses it. */
type Answer = (request: RequestView, query: string) => Promise<Reply>

export interface PipelineDependencies {
  readonly parts: Parts
  readonly appRequests: RequestSessions
  /** By absolute path, those of all plugins. */
  readonly endpoints: ReadonlyArray<readonly [path: string, endpoint: Endpoint]>
  readonly plugins: readonly Plugin[]
  readonly proxy: ApiProxy | null
}

/** Answers a request to a path of the BFF. Returns `undefined`, synchronously, when the path belongs to the app. */
export type Pipeline = (request: RequestView) => Promise<Reply> | undefined

/** HEAD is GET without its body (RFC 9110 §9.3.2), but where GET changes something. */
const hasHead = ({ methods, getChanges = false }: Endpoint) =>
  Object.hasOwn(methods, 'GET') && !Object.hasOwn(methods, 'HEAD') && !getChanges

/** Makes the pipeline that answers every request to the BFF. */
export function createPipeline({
  parts,
  appRequests,
  endpoints,
  plugins,
  proxy,
}: PipelineDependencies): Pipeline {
  const { csrf, lifecycle, findOrigin, errorReply } = parts
  const { basePath } = parts.options
  const answers = new Map<string, Answer>()
  /** Those of paths that end in a parameter, by what comes before it. */
  const answersBelow = new Map<string, Answer>()
  for (const [path, endpoint] of endpoints) {
    const folder = path.endsWith('/*') ? path.slice(0, -2) : null
    const [among, key] = folder === null ? [answers, path] : [answersBelow, folder]
    if (among.has(key))
      throw new BffError(
        'invalid_config',
        `Two endpoints have the path ${path}. Give one of them another path.`,
      )
    among.set(key, answerOf(endpoint, path))
  }
  const below = `${basePath}/`
  const signInPath = `${below}login`
  const middleware = plugins.flatMap((plugin) => plugin.middleware?.bind(plugin) ?? [])
  const refuse =
    (code: 'not_found' | 'invalid_path'): Answer =>
    async () => {
      throw new BffError(code)
    }
  const nothingHere = refuse('not_found')
  const notOriginForm = refuse('invalid_path')

  function answerOf(endpoint: Endpoint, path: string): Answer {
    return async (request, query) => {
      // Own members only: a method that the client chooses must not find `constructor`. A handshake has no CSRF header.
      const method = request.method === 'HEAD' && hasHead(endpoint) ? 'GET' : request.method
      const answer =
        !request.upgrade && Object.hasOwn(endpoint.methods, method) ? endpoint.methods[method] : undefined
      if (answer === undefined) {
        const methods = Object.keys(endpoint.methods)
        if (hasHead(endpoint)) methods.push('HEAD')
        return refusal(new BffError('method_not_allowed'), [], [['allow', methods.join(', ')]])
      }
      if (!endpoint.csrfExempt?.includes(method)) {
        const isForm = endpoint.formMethods?.includes(method) && isOpened(request)
        csrf.require(request, path, isForm ? 'form' : 'header')
      }
      return lifecycle.run(() => answer(request, new URLSearchParams(query)))
    }
  }

  function find(target: string, path: string): Answer | undefined {
    const answer = answers.get(path) ?? answersBelow.get(path.slice(0, path.lastIndexOf('/')))
    if (answer !== undefined) return answer
    if (!isOriginForm(target)) return notOriginForm
    // Below `/` is the whole app.
    if (basePath !== '' && (path === basePath || path.startsWith(below))) return nothingHere
    const route = proxy?.match(path) ?? null
    return route === null
      ? undefined
      : (request) => relay({ csrf, requests: appRequests }, route, request, path)
  }

  const refused = (request: RequestView, error: unknown, path: string) =>
    refusalFor(request, errorReply(error, path), signInPath)

  return (request) => {
    const { target } = request
    const path = pathOf(target)
    const answer = find(target, path)
    if (answer === undefined) return undefined
    if (lifecycle.isClosing)
      return Promise.resolve(refusalFor(request, refusal(new BffError('shutting_down'))))
    const answered = () => answer(request, target.slice(path.length))
    const inner = () =>
      (findOrigin === null ? answered() : findOrigin(request).then(answered)).catch((error: unknown) =>
        refused(request, error, path),
      )
    const outer = middleware.reduceRight<() => Promise<Reply>>(
      (next, middleware) => async () => {
        try {
          return await middleware(request, path, next)
        } catch (error) {
          return refused(request, error, path)
        }
      },
      inner,
    )
    return outer()
  }
}
