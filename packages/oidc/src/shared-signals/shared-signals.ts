import { BffError, type PluginContext, type PluginFactory } from '@bff/core'
import { option, readOptions } from '@bff/core/authoring'
import type { ClientTokenSource } from '@bff/core/proxy'
import { invalidIn } from '../option-rules.ts'
import { OIDC_OPTIONS, type OidcOptions, resolveOptions } from '../options.ts'
import { createPoller } from './poll.ts'
import { pushEndpoint } from './push.ts'
import { createReceiver, type ReceiverHooks } from './receiver.ts'
import { EFFECTIVE_TYPES, SIGNAL_TYPES, type SignalType, urisOf } from './signals.ts'
import { createStreamSetup, POLL, PUSH, type SignalStream, type StreamSetup } from './stream.ts'
import { type AccessTokenSource, createTransmitter, misconfigured } from './transmitter.ts'

/** What it takes to verify a token of a transmitter; the BFF's own clock is used. */
export type VerificationOptions = Pick<
  OidcOptions,
  'signingAlgorithms' | 'timeoutMs' | 'clockToleranceMs' | 'dangerouslyAllowInsecureIssuer' | 'fetch'
>

/** The rules of {@link VerificationOptions}. */
export const VERIFICATION_OPTIONS = {
  signingAlgorithms: OIDC_OPTIONS.signingAlgorithms,
  timeoutMs: OIDC_OPTIONS.timeoutMs,
  clockToleranceMs: OIDC_OPTIONS.clockToleranceMs,
  dangerouslyAllowInsecureIssuer: OIDC_OPTIONS.dangerouslyAllowInsecureIssuer,
  fetch: OIDC_OPTIONS.fetch,
}

/** The options of {@link sharedSignals}. Unknown keys throw `invalid_config`. */
export interface SharedSignalsOptions extends ReceiverHooks, VerificationOptions {
  /** The transmitter, exactly as its metadata at `/.well-known/ssf-configuration` spells it. */
  readonly issuer: string
  /** The `aud` of the tokens for this receiver, as the transmitter assigned it. */
  readonly audience: string
  /** Whether the transmitter calls the BFF (RFC 8935), or the BFF asks it (RFC 8936). @default `push` */
  readonly delivery?: 'push' | 'poll'
  /**
   * The secret that the transmitter sends with each push, as `Authorization: Bearer …`: at least 32 characters. Required for
   * `push`. @default none
   */
  readonly pushToken?: string
  /** The path for pushes, absolute. @default `shared-signals` below `basePath` */
  readonly path?: string
  /**
   * The access token for the transmitter's endpoints: the token itself, or `clientCredentials()`. With it the BFF sets up the
   * stream when it starts. Without it an operator sets up the stream, for `push` only. @default none
   */
  readonly accessToken?: string | ClientTokenSource
  /** The events to ask the transmitter for. @default every type that has an effect */
  readonly events?: readonly SignalType[]
  /**
   * The issuers of the users and sessions that the transmitter may speak of: those of your identity providers. @default the
   * transmitter alone
   */
  readonly subjectIssuers?: readonly string[]
  /** How long to wait between polls, in milliseconds. @default 2_000. From 100 to 3_600_000 */
  readonly pollIntervalMs?: number
}

/** The plugin, and the stream at the transmitter. */
export interface SharedSignals extends PluginFactory {
  /** @throws BffError `invalid_argument` before `createBff` has made the plugin, and without `accessToken` */
  readonly stream: SignalStream
}

const FIRST_PAUSE_MS = 1_000
const LONGEST_PAUSE_MS = 60_000

/**
 * Receives security events from a transmitter of the OpenID Shared Signals Framework 1.0, with the types of CAEP 1.0 and RISC
 * 1.0, and ends or refreshes the sessions that they are about.
 *
 * A token is verified as strictly as a logout token, and has an effect once. An event about a user ends the sessions that
 * began before it, and a sign-in that was under way is refused. When the store does not answer, the transmitter sends the
 * event again.
 *
 * @throws BffError `invalid_config` with the option and the values it accepts
 * @example
 * ```ts
 * import { type BffConfig, createBff } from '@bff/core'
 * import { sharedSignals } from '@bff/oidc/shared-signals'
 *
 * export const withSignals = (config: BffConfig) =>
 *   createBff({
 *     ...config,
 *     plugins: [
 *       sharedSignals({
 *         issuer: 'https://signals.example.com',
 *         audience: 'https://app.example.com',
 *         pushToken: process.env['SIGNALS_PUSH_TOKEN'] ?? '',
 *         subjectIssuers: ['https://id.example.com'],
 *       }),
 *     ],
 *   })
 * ```
 */
export function sharedSignals(options: SharedSignalsOptions): SharedSignals {
  const read = readOptions('sharedSignals', options, {
    issuer: option.text(),
    audience: option.text(),
    delivery: option.oneOf(['push', 'poll']),
    pushToken: option.optional(option.text()),
    path: option.pathBelow('shared-signals'),
    accessToken: option.given<string | ClientTokenSource>(),
    events: option.listOf(option.oneOf(SIGNAL_TYPES)),
    subjectIssuers: option.listOf(option.text()),
    pollIntervalMs: option.number(2_000, 100, 3_600_000),
    findSessions: option.callback<NonNullable<ReceiverHooks['findSessions']>>(),
    onSignal: option.callback<NonNullable<ReceiverHooks['onSignal']>>(),
    ...VERIFICATION_OPTIONS,
  })
  const settingsAt = (clock?: PluginContext['clock']) =>
    verificationSettings('sharedSignals', { ...options, clientId: read.audience }, clock)
  settingsAt()
  const { delivery, pushToken = '', accessToken } = read
  if (delivery === 'push' && !/^[\w.~+/=-]{32,}$/.test(pushToken))
    throw invalid('pushToken must be a secret of at least 32 characters that a header can have')
  if (delivery === 'poll' && accessToken === undefined)
    throw invalid('accessToken is required for delivery: poll')
  const subjectIssuers = read.subjectIssuers.length === 0 ? [read.issuer] : read.subjectIssuers
  const events = read.events.length === 0 ? EFFECTIVE_TYPES : read.events
  let setup: StreamSetup | undefined
  const use = <Value>(work: (stream: StreamSetup) => Promise<Value>): Promise<Value> => {
    if (setup !== undefined && accessToken !== undefined) return work(setup)
    throw new BffError(
      'invalid_argument',
      'sharedSignals() knows no stream yet. Set accessToken, and give it to createBff first.',
    )
  }
  const isRemoved = new AbortController()

  const plugin: PluginFactory = (context) => {
    const { options: bff, clock, emit } = context
    const settings = settingsAt(clock)
    const { issuer } = settings
    if (typeof accessToken === 'function') accessToken.attach?.(context)
    const transmitter = createTransmitter(settings, tokenOf(accessToken))
    const receive = createReceiver(context, transmitter, { ...read, subjectIssuers })
    const path = read.path(bff.basePath)
    const isPush = delivery === 'push'
    const stream = createStreamSetup(context, transmitter, {
      method: isPush ? PUSH : POLL,
      push: isPush
        ? { endpoint_url: `${bff.origin}${path}`, authorization_header: `Bearer ${pushToken}` }
        : null,
      events: urisOf(events),
    })
    setup = stream
    const poller = createPoller(context, transmitter, receive, read.pollIntervalMs)
    const closing = new AbortController()
    const over = AbortSignal.any([closing.signal, isRemoved.signal])
    let work: Promise<void> = Promise.resolve()

    /** Sets up the stream, and polls it: again and again, while the transmitter or the store does not answer. */
    async function run(): Promise<void> {
      for (let pause = FIRST_PAUSE_MS; !over.aborted; ) {
        let operation: 'stream' | 'poll' = 'stream'
        try {
          const known = await stream.ensure()
          if (known !== null && isPush) return
          if (known !== null) {
            operation = 'poll'
            pause = FIRST_PAUSE_MS
            await poller.poll(known, over)
          }
        } catch (cause) {
          if (over.aborted) return
          emit({ type: 'signal.failed', issuer, operation, cause, severity: 'warning' })
        }
        await clock.sleep(pause, over, true).catch(() => {})
        pause = Math.min(2 * pause, LONGEST_PAUSE_MS)
      }
    }

    return {
      ...(isPush && { endpoints: { [path]: pushEndpoint(receive, pushToken) } }),
      onReady() {
        if (settings.insecureOptions.length > 0) emit({ type: 'config.insecure', ...INSECURE_ISSUER })
        if (accessToken !== undefined) work = run()
      },
      async close() {
        closing.abort()
        await work
      },
    }
  }

  const stream: SignalStream = {
    verify: async () => use((known) => known.verify()),
    status: async () => use((known) => known.status()),
    setStatus: async (status, reason) => use((known) => known.setStatus(status, reason)),
    async remove() {
      await use((known) => known.remove())
      isRemoved.abort()
    },
  }
  return Object.assign(plugin, { stream })
}

/** @throws BffError `invalid_config` */
export function verificationSettings(
  of: string,
  options: VerificationOptions & { readonly issuer: string; readonly clientId: string },
  clock?: PluginContext['clock'],
) {
  const { issuer, clientId, signingAlgorithms, timeoutMs, clockToleranceMs, fetch } = options
  const { dangerouslyAllowInsecureIssuer } = options
  const settings = resolveOptions(of, {
    issuer,
    clientId,
    dangerouslyPublicClient: true,
    ...(signingAlgorithms && { signingAlgorithms }),
    ...(timeoutMs !== undefined && { timeoutMs }),
    ...(clockToleranceMs !== undefined && { clockToleranceMs }),
    ...(fetch && { fetch }),
    ...(clock && { clock }),
    ...(dangerouslyAllowInsecureIssuer !== undefined && { dangerouslyAllowInsecureIssuer }),
  })
  // It never authenticates as a client.
  return { ...settings, insecureOptions: settings.insecureOptions.filter(isAboutIssuer) }
}

const isAboutIssuer = ({ option }: { readonly option: string }) => option.endsWith('AllowInsecureIssuer')

const INSECURE_ISSUER = {
  option: 'sharedSignals.dangerouslyAllowInsecureIssuer',
  message:
    'The keys that verify security events are loaded over plain http: an attacker on the way can forge events. Use an https issuer.',
}

function tokenOf(accessToken: string | ClientTokenSource | undefined): AccessTokenSource | null {
  if (accessToken === undefined) return null
  if (typeof accessToken === 'string') return async () => accessToken
  return async (rejected, signal) => {
    const tokens = await accessToken({ rejected, signal })
    if (tokens.dpopKeyPair === null) return tokens.accessToken
    throw misconfigured('The access token for a transmitter must be a Bearer token. Make it without dpop.')
  }
}

const invalid = invalidIn('sharedSignals')
