import type { PluginContext } from '../contracts/plugin.ts'
import type { Reply } from '../contracts/reply.ts'
import type { RequestView } from '../contracts/request-view.ts'
import type { SessionHandle, SessionRecord } from '../contracts/session.ts'
import { BffError } from '../internal/bff-error.ts'
import { readCookie, setCookie } from '../internal/http/cookie.ts'
import { jsonReply } from '../internal/http/replies.ts'
import { isActive } from '../internal/lifetime.ts'
import { within } from '../internal/within.ts'
import { boundValue } from './bound-cookie.ts'
import { createChallenge } from './challenge.ts'

/** The options of `deviceBinding`, checked. */
export interface Settings {
  readonly mode: 'prefer' | 'require'
  readonly proofLifeMs: number
  readonly cookieName: string
  /** The path above both endpoints. */
  readonly path: string
  /** Paths where no browser sends a proof; complete before the first request. */
  excluded: readonly string[]
  readonly refreshInitiators: readonly string[]
}

/** After this, a request that needs a proof goes on without one: a browser waits for it with every other request. */
export const DEADLINE_MS = 3_000

/** Paths where no browser sends a proof: where people sign in and out, and the endpoints themselves. */
export const excludedPaths = (
  path: string,
  exclude: readonly string[],
  endpoints: PluginContext['endpoints'],
): readonly string[] => [
  path,
  ...endpoints.filter(([, { getChanges }]) => getChanges).map(([signIn]) => signIn),
  ...exclude,
]

/**
 * What a browser gets for a good proof: the bound cookie, the rules of the binding, and the challenge of the next proof.
 *
 * The identifier is constant, so that the next sign-in replaces this binding: with one for each session, the browser would
 * go on to prove the old session after a new sign-in.
 */
export async function provenReply(
  context: PluginContext,
  settings: Settings,
  request: RequestView,
  handle: SessionHandle,
): Promise<Reply> {
  const { options, encryptor, clock } = context
  const { cookieName, proofLifeMs, refreshInitiators } = settings
  const value = await boundValue(encryptor, handle, clock.now() + proofLifeMs)
  const cookie = setCookie(cookieName, value, proofLifeMs / 1000, options.sessionCookie)
  const sameSite = options.sessionCookie.sameSite === 'strict' ? 'Strict' : 'Lax'
  const rules = {
    session_identifier: cookieName,
    refresh_url: `${settings.path}/refresh/${handle}`,
    scope: {
      origin: context.originOf(request),
      include_site: false,
      scope_specification: settings.excluded.map((path) => ({ type: 'exclude', path })),
    },
    credentials: [
      // Exactly the attributes of the cookie, without its life: with others the browser would refresh for every request.
      { type: 'cookie', name: cookieName, attributes: `Path=/; HttpOnly; Secure; SameSite=${sameSite}` },
    ],
    ...(refreshInitiators.length > 0 && { allowed_refresh_initiators: refreshInitiators }),
  }
  return jsonReply(200, rules, [cookie], [await challengeHeader(context, settings, handle)])
}

/** The challenge of the next refresh, which saves the browser a round trip. */
export async function challengeHeader(
  { encryptor, clock }: PluginContext,
  { cookieName }: Settings,
  handle: SessionHandle,
): Promise<readonly [string, string]> {
  const challenge = await createChallenge(encryptor, 'refresh', handle, clock.now())
  return ['secure-session-challenge', `"${challenge}";id="${cookieName}"`]
}

/** The proof in a request; `null` without one. Browsers send it with and without quotes. */
export function proofIn(request: RequestView): string | null {
  return request.header('secure-session-response')?.replace(/^"(.*)"$/, '$1') ?? null
}

/**
 * Returns the record of an active session whose browser asks: a request with the cookie of another session is refused, as
 * its bound cookie would not be this one's.
 *
 * @throws BffError `not_found`
 */
export async function activeRecord(
  { options, stores, clock }: PluginContext,
  request: RequestView,
  handle: SessionHandle,
): Promise<SessionRecord> {
  const cookie = readCookie(request.header('cookie'), options.cookieName)
  const isOther = cookie !== null && (cookie === 'duplicate' || !cookie.value.startsWith(handle))
  const record = isOther ? null : await stores.sessions.get(handle)
  if (record === null || !isActive(record, clock.now()))
    throw new BffError('not_found', 'There is no such session in this browser. Sign in again.')
  return record
}

/** A request without a good proof; the browser gives the binding up. */
export const refusedProof = () =>
  new BffError('bad_request', 'The proof is not valid for this session. Sign in again.')

export const aboutRequest = ({ clientAddress }: PluginContext, request: RequestView) => ({
  ipAddress: clientAddress(request),
  userAgent: request.header('user-agent')?.slice(0, 500) ?? null,
})

/** @throws BffError `device_busy` when the work takes longer than a browser may be kept waiting */
export function inTime<T>({ clock }: PluginContext, work: () => Promise<T>): Promise<T> {
  return within(clock, DEADLINE_MS, work, () => {
    throw new BffError('device_busy')
  })
}
