import type { EndpointDescriptions } from '../contracts/endpoint.ts'
import { BFF_ERROR_CODES, type BffErrorCode } from '../contracts/error-codes.ts'
import type { PluginFactory } from '../contracts/plugin.ts'
import type { Reply } from '../contracts/reply.ts'
import type { RequestView } from '../contracts/request-view.ts'
import { BffError } from '../internal/bff-error.ts'
import { answer, BAD_REQUEST } from '../internal/describe.ts'
import { readForm } from '../internal/http/form.ts'
import { isOpened } from '../internal/http/opened.ts'
import { jsonReply } from '../internal/http/replies.ts'
import { listOf } from '../internal/option-rules.ts'
import { type OptionRule, readOptions } from '../internal/options.ts'
import { createHandover } from './handover.ts'
import { handoverPage } from './page.ts'

export interface EmbeddingOptions {
  /**
   * The sites whose pages may frame the app, at least one: `https://portal.example.com`, or `https://*.example.com` for every
   * host below a domain.
   */
  readonly ancestors: readonly string[]
}

/** The plugin, and the header for the app's own pages. */
export interface Embedding extends PluginFactory {
  /** `content-security-policy: frame-ancestors …`, for every page of the app. A further policy of the app stays valid beside it. */
  readonly header: readonly [name: 'content-security-policy', value: string]
}

/** The suffix of the `state` of a sign-in for a frame, with the challenge of the frame. */
const MARK = /\.frame\.([\w-]{43})$/
const CHALLENGE = /^[\w-]{43}$/
const MAX_FORM_BYTES = 1_024

const ancestor: OptionRule<string> = (value, invalid) => {
  if (
    typeof value === 'string' &&
    /^https:\/\/(?:\*\.)?[a-z0-9-]+(?:\.[a-z0-9-]+)*(?::\d{1,5})?$/.test(value)
  )
    return value
  throw invalid('must be an https origin, such as https://portal.example.com or https://*.example.com')
}

const ancestorsRule: OptionRule<readonly string[]> = (value, invalid) => {
  const ancestors = listOf(ancestor)(value, invalid)
  if (ancestors.length > 0) return ancestors
  throw invalid('must list the sites whose pages may frame the app')
}

/**
 * Lets pages of other sites frame the app, with a session of its own for each of them: it belongs with
 * `cookie: { sameSite: 'none', partitioned: true }`, which `createBff` refuses without it.
 *
 * A frame signs in in a popup: `createBffClient({ embedded: true })` opens `GET /bff/embedded` there. The cookie of a popup does
 * not reach the frame, as browsers keep the cookies of each top-level site apart (CHIPS). So the last page of the popup posts a
 * code to the frame, for the app's own origin only, and the frame redeems it with `POST /bff/embedded`: once, within a minute,
 * and with the secret that only this frame has.
 *
 * @throws BffError `invalid_config`
 * @example
 * ```ts
 * import { type BffConfig, createBff } from '@bff/core'
 * import { embedding } from '@bff/core/embedding'
 *
 * export const framed = embedding({ ancestors: ['https://portal.example.com'] })
 * export const embedded = (config: BffConfig) =>
 *   createBff({ ...config, cookie: { sameSite: 'none', partitioned: true }, plugins: [framed] })
 * ```
 */
export function embedding(options: EmbeddingOptions): Embedding {
  const { ancestors } = readOptions('embedding', options, { ancestors: ancestorsRule })
  const directive = `frame-ancestors 'self' ${ancestors.join(' ')}`

  const plugin: PluginFactory = (context) => {
    const { basePath, cookieName, login, sessionCookie } = context.options
    if (!sessionCookie.partitioned)
      throw new BffError(
        'invalid_config',
        "embedding: browsers send the session cookie to a frame only with cookie: { sameSite: 'none', partitioned: true }.",
      )
    const path = `${basePath}/embedded`
    const callbackPath = `${basePath}/callback`
    /** Pages for a person at top level: none of them may be framed. */
    const atTopLevel = new Set([path, callbackPath, `${basePath}/login`, `${basePath}/logout`])
    const handover = createHandover(context)

    async function begin(request: RequestView, query: URLSearchParams): Promise<Reply> {
      const challenge = query.get('challenge') ?? ''
      const origin = context.originOf(request)
      try {
        if (!isOpened(request) || !CHALLENGE.test(challenge)) throw new BffError('login_refused')
        query.delete('challenge')
        const asked = context.plugins.map((other) => other.signInParameters?.(query))
        return await context.signIn(request, {
          returnTo: login.returnTo,
          parameters: Object.assign({}, ...asked),
          mark: `.frame.${challenge}`,
          isApart: true,
        })
      } catch (error) {
        return handoverPage({ error: context.reportFailedSignIn(error) }, origin)
      }
    }

    async function redeem(request: RequestView): Promise<Reply> {
      const form = await readForm(request, MAX_FORM_BYTES)
      const cookie = await handover.redeem(request, form.get('code') ?? '', form.get('verifier') ?? '')
      return jsonReply(200, {}, [cookie])
    }

    /** The popup gets a code in place of the cookie, which would be of no use to the frame. */
    async function handOver(request: RequestView, reply: Reply, challenge: string): Promise<Reply> {
      const origin = context.originOf(request)
      const cookies = reply.headers.flatMap(([name, value]) => (name === 'set-cookie' ? [value] : []))
      const isSession = (cookie: string) => cookie.startsWith(`${cookieName}=`)
      const issued = cookies.find((cookie) => isSession(cookie) && !cookie.startsWith(`${cookieName}=;`))
      const others = cookies.filter((cookie) => !isSession(cookie))
      if (issued === undefined) return handoverPage({ error: errorOf(reply) }, origin, others)
      return handoverPage({ code: await handover.offer(issued, challenge, origin) }, origin, others)
    }

    return {
      embeds: true,
      endpoints: {
        [path]: {
          methods: { GET: begin, POST: redeem },
          csrfExempt: ['GET'],
          getChanges: true,
          limit: { bucket: 'login', ignoreUnopened: true },
          describe: () => DESCRIPTIONS,
        },
      },
      async middleware(request, requested, next) {
        const reply = await next()
        const mark =
          requested === callbackPath ? MARK.exec(queryOf(request.target).get('state') ?? '')?.[1] : undefined
        if (mark !== undefined) return handOver(request, reply, mark)
        return atTopLevel.has(requested) ? reply : framedBy(reply, directive)
      },
    }
  }
  return Object.assign(plugin, { header: ['content-security-policy', directive] as const })
}

const framedBy = (reply: Reply, directive: string): Reply => ({
  ...reply,
  headers: reply.headers.map(
    ([name, value]) =>
      [
        name,
        name === 'content-security-policy' ? value.replace("frame-ancestors 'none'", directive) : value,
      ] as const,
  ),
})

/** As the callback reads it: from the first question mark on. */
const queryOf = (target: string) => new URLSearchParams(target.slice(target.indexOf('?')))

/** The code of a failed sign-in, from the address that it leads to. */
function errorOf({ headers }: Reply): BffErrorCode {
  const location = headers.find(([name]) => name === 'location')?.[1] ?? ''
  const code = queryOf(location).get('error')
  return BFF_ERROR_CODES.find((known) => known === code) ?? 'login_failed'
}

const DESCRIPTIONS: EndpointDescriptions = {
  GET: {
    operationId: 'bff-embedded-sign-in',
    summary: 'Begin a sign-in for a frame, in a popup',
    parameters: [
      {
        name: 'challenge',
        in: 'query',
        required: true,
        description: 'SHA-256 of the verifier of the frame, as base64url.',
        schema: { type: 'string', pattern: '^[\\w-]{43}$' },
      },
    ],
    responses: { 303: { $ref: '#/components/responses/Redirect' } },
    session: false,
  },
  POST: {
    operationId: 'bff-embedded-redeem',
    summary: 'Redeem the code of a sign-in in a popup, from the frame that began it',
    requestBody: {
      required: true,
      content: {
        'application/x-www-form-urlencoded': {
          schema: {
            type: 'object',
            required: ['code', 'verifier'],
            properties: { code: { type: 'string' }, verifier: { type: 'string' } },
          },
        },
      },
    },
    responses: { 200: answer('The frame has the session.', { type: 'object' }), ...BAD_REQUEST },
    session: false,
  },
}
