import type { Clock } from '../contracts/clock.ts'
import type { Encryptor } from '../contracts/encryptor.ts'
import type { EndpointDescriptions } from '../contracts/endpoint.ts'
import type { IdentityProvider } from '../contracts/identity-provider.ts'
import type { PluginFactory } from '../contracts/plugin.ts'
import type { Stores } from '../contracts/stores.ts'
import { isBffError } from '../internal/bff-error.ts'
import { answer, object } from '../internal/describe.ts'
import { jsonReply } from '../internal/http/replies.ts'
import { pathBelow } from '../internal/option-rules.ts'
import { readOptions } from '../internal/options.ts'
import { systemClock } from '../internal/system-clock.ts'
import { within } from '../internal/within.ts'

/** The state of one part. */
export interface HealthCheck {
  readonly ok: boolean
  /** A sentence for the operator, without addresses and secrets. */
  readonly message: string
}

export interface HealthReport {
  /**
   * `failing`: the BFF cannot serve sessions. `degraded`: it can serve sessions, but users cannot sign in or refresh,
   * because the provider does not answer; to take the app out of service would not help.
   */
  readonly status: 'ok' | 'degraded' | 'failing'
  readonly checks: Readonly<Record<'store' | 'keyring' | 'provider', HealthCheck>>
}

/** The parts that it checks. */
export interface HealthParts {
  readonly stores: Stores
  readonly encryptor: Encryptor
  readonly provider?: IdentityProvider | null
  /** @default the system's clock */
  readonly clock?: Clock
}

export interface HealthEndpointOptions {
  /** Absolute. @default `health` below `basePath` */
  readonly path?: string
}

const PATIENCE_MS = 3_000
/** The parts are asked at most once in this time, regardless of the number of probes. */
const REPORT_LIFE_MS = 1_000
const KEYRING_KEY = 'health:keyring'
const KEYRING_LIFE_MS = 600_000

/**
 * Checks the store, the keys and the provider, each for at most 3 seconds, and reports what is wrong.
 *
 * It compares the keys with those of the app's other processes: each process must open what any other sealed.
 *
 * @example
 * ```ts
 * import { createEncryptor } from '@bff/core'
 * import { health } from '@bff/core/endpoints'
 * import { memoryStore } from '@bff/store-memory'
 *
 * const { status, checks } = await health({
 *   stores: memoryStore(),
 *   encryptor: createEncryptor({ keys: [process.env['BFF_ENCRYPTION_KEY'] ?? ''] }),
 * })
 * if (status !== 'ok') console.error(checks)
 * ```
 */
export async function health(parts: HealthParts): Promise<HealthReport> {
  const [store, keyring, provider] = await Promise.all([
    check(parts, storeAnswers),
    check(parts, keyringFits),
    check(parts, providerAnswers),
  ])
  const status = store.ok && keyring.ok ? (provider.ok ? 'ok' : 'degraded') : 'failing'
  return { status, checks: { store, keyring, provider } }
}

/**
 * `GET /bff/health` for probes: runs {@link health} and answers 200 for `ok` and `degraded`, and 503 for `failing`.
 *
 * @throws BffError `invalid_config`
 * @example
 * ```ts
 * import { type BffConfig, createBff } from '@bff/core'
 * import { healthEndpoint } from '@bff/core/endpoints'
 *
 * export const withProbe = (config: BffConfig) =>
 *   createBff({ ...config, plugins: [healthEndpoint({ path: '/healthz' })] })
 * ```
 */
export function healthEndpoint(options: HealthEndpointOptions = {}): PluginFactory {
  const { path: pathOf } = readOptions('healthEndpoint', options, { path: pathBelow('health') })
  return (context) => {
    const path = pathOf(context.options.basePath)
    let latest: { readonly at: number; readonly report: Promise<HealthReport> } | null = null
    return {
      endpoints: {
        [path]: {
          methods: {
            async GET() {
              const now = context.clock.now()
              if (latest === null || Math.abs(now - latest.at) >= REPORT_LIFE_MS)
                latest = { at: now, report: health(context) }
              const report = await latest.report
              return jsonReply(report.status === 'failing' ? 503 : 200, report)
            },
          },
          csrfExempt: ['GET'],
          limit: { bucket: 'health' },
          describe: () => DESCRIPTIONS,
        },
      },
    }
  }
}

const good = (message: string): HealthCheck => ({ ok: true, message })
const bad = (message: string): HealthCheck => ({ ok: false, message })

function check(parts: HealthParts, look: (parts: HealthParts) => Promise<HealthCheck>): Promise<HealthCheck> {
  const late = () => bad('It did not answer within 3 seconds.')
  return within(parts.clock ?? systemClock, PATIENCE_MS, () => look(parts), late)
}

async function storeAnswers({ stores }: HealthParts): Promise<HealthCheck> {
  try {
    await Promise.all([stores.sessions.ping(), stores.ttl.get(KEYRING_KEY)])
    return good('The session store answers.')
  } catch {
    return bad('The session store does not answer.')
  }
}

async function keyringFits({ stores, encryptor }: HealthParts): Promise<HealthCheck> {
  const context = { recordId: KEYRING_KEY, field: 'health' }
  let sealed: string
  try {
    sealed = await encryptor.encryptString('health', context)
    await encryptor.decryptString(sealed, context)
  } catch {
    return bad('The encryption keys do not work: what they seal cannot be opened.')
  }
  try {
    await stores.ttl.setIfAbsent(KEYRING_KEY, sealed, KEYRING_LIFE_MS)
    await encryptor.decryptString((await stores.ttl.get(KEYRING_KEY)) ?? sealed, context)
    return good('The encryption keys open what the processes of this app seal.')
  } catch (error) {
    if (!isBffError(error, 'seal_broken') && !isBffError(error, 'key_unavailable'))
      return good('The encryption keys work; the store cannot compare them.')
    return bad(
      'Another process of this app seals with a key that this one does not have. Check encryptionKeys.',
    )
  }
}

async function providerAnswers({ provider }: HealthParts): Promise<HealthCheck> {
  if (!provider) return good('There is no identity provider to check.')
  try {
    // Needs the provider's metadata and changes nothing.
    await provider.endSessionUrl({
      idToken: null,
      postLogoutRedirectUri: 'https://localhost/',
      state: null,
      issuer: null,
      subject: null,
    })
    return good("The identity provider's metadata is known.")
  } catch (error) {
    return bad(
      isBffError(error, 'provider_misconfigured')
        ? "The identity provider's metadata cannot be used. Its operator must check it."
        : 'The identity provider does not answer: nobody can sign in or refresh until it does.',
    )
  }
}

const CHECK = object({ ok: { type: 'boolean' }, message: { type: 'string' } }, ['ok', 'message'])

const REPORT = object(
  {
    status: { type: 'string', enum: ['ok', 'degraded', 'failing'] },
    checks: object({ store: CHECK, keyring: CHECK, provider: CHECK }, ['store', 'keyring', 'provider']),
  },
  ['status', 'checks'],
)

const DESCRIPTIONS: EndpointDescriptions = {
  GET: {
    operationId: 'bff-health',
    summary: 'Tell whether the store, the keys and the identity provider work',
    responses: { 200: answer('They work.', REPORT), 503: answer('One of them does not.', REPORT) },
    session: false,
  },
}
