import type { ApiProxy } from '../contracts/api-proxy.ts'
import type { Endpoint } from '../contracts/endpoint.ts'
import type { Parts } from '../contracts/parts.ts'
import type { Plugin } from '../contracts/plugin.ts'
import type { Reply } from '../contracts/reply.ts'
import type { RequestView } from '../contracts/request-view.ts'
import { BffError } from '../internal/bff-error.ts'
import { isOriginForm } from '../internal/http/origin-form.ts'
import { relay } from '../internal/http/relay.ts'
import { errorReply as refusal } from '../internal/http/replies.ts'

/** Only an endpoint reads the query, so only it parses it. */
type Answer = (request: RequestView, query: string) => Promise<Reply>

export interface PipelineDependencies {
  readonly parts: Parts
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
export function createPipeline({ parts, endpoints, plugins, proxy }: PipelineDependencies): Pipeline {
  const { csrf, lifecycle, errorReply } = parts
  const { basePath } = parts.options
  const answers = new Map<string, Answer>()
  for (const [path, endpoint] of endpoints) {
    if (answers.has(path))
      throw new BffError(
        'invalid_config',
        `Two endpoints have the path ${path}. Give one of them another path.`,
      )
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
      if (!endpoint.csrfExempt?.includes(method)) csrf.require(request, path)
      return lifecycle.run(() => answer(request, new URLSearchParams(query)))
    }
  }

  function find(target: string, path: string): Answer | undefined {
    const answer = answers.get(path) ?? answers.get(`${path.slice(0, path.lastIndexOf('/'))}/*`)
    if (answer !== undefined) return answer
    if (!isOriginForm(target)) return notOriginForm
    if (path === basePath || path.startsWith(`${basePath}/`)) return nothingHere
    const route = proxy?.match(path) ?? null
    return route === null ? undefined : (request) => relay(parts, route, request, path)
  }

  return (request) => {
    const { target } = request
    const end = target.indexOf('?')
    const path = end === -1 ? target : target.slice(0, end)
    const answer = find(target, path)
    if (answer === undefined) return undefined
    if (lifecycle.isClosing) return Promise.resolve(refusal(new BffError('shutting_down')))
    const inner = () =>
      answer(request, target.slice(path.length)).catch((error: unknown) => errorReply(error, path))
    const outer = around.reduceRight<() => Promise<Reply>>(
      (next, middleware) => async () => {
        try {
          return await middleware(request, path, next)
        } catch (error) {
          return errorReply(error, path)
        }
      },
      inner,
    )
    return outer()
  }
}
