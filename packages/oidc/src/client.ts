import {
  allowInsecureRequests,
  type ClientAuth,
  Configuration,
  clockSkew,
  clockTolerance,
  customFetch,
  type ServerMetadata,
} from 'openid-client'
import { type Breaker, createBreaker } from './breaker.ts'
import { fetchMetadata } from './discovery.ts'
import { explainOutage } from './explain.ts'
import { createKeySet, fetchKeys, type KeySet } from './keys.ts'
import type { Settings } from './options.ts'
import { createPushes, type Pushes } from './pushes.ts'
import { type Call, createTransport, type Transport, untilAborted } from './transport.ts'

/** One application that is registered at one provider, for all operations. */
export interface Client {
  readonly settings: Settings
  readonly transport: Transport
  /** Watches the token endpoint, by user. */
  readonly breaker: Breaker
  /** Watches the userinfo endpoint, by user. */
  readonly userInfoBreaker: Breaker
  readonly pushes: Pushes
  /** The provider's public keys. */
  readonly keys: KeySet
  /** Returns the provider's metadata; waits for it until `signal` aborts. */
  metadata(signal: AbortSignal): Promise<ServerMetadata>
  /** Returns the metadata if it is already loaded, without asking the provider. */
  knownMetadata(): ServerMetadata | null
  /** Returns openid-client's configuration for one call, whose requests go through the call. */
  readonly configuration: Configure
}

/** Where there are many issuers, `issuer` is the one that the tokens of this call must have. */
export type Configure = (call: Call, issuer?: string | null) => Promise<Configuration>

export function createClient(settings: Settings): Client {
  const { issuer, metadataAt, clock } = settings
  const transport = createTransport(settings)
  // Requests from outside do not influence what is fetched here, so that all share one source.
  const fetcher = () => {
    const breaker = createBreaker(clock)
    return <Value>(fetch: (call: Call) => Promise<Value>): Promise<Value> =>
      transport.call({ admit: () => breaker.admit(''), explain: explainOutage }, fetch)
  }
  const [fetched, fetchedKeys] = [fetcher(), fetcher()]
  const discovered = settings.discoveryCache.entry(cacheKey(issuer, metadataAt), clock, () =>
    fetched((call) => fetchMetadata(settings, call.fetch)),
  )
  const keys = createKeySet(clock, () =>
    fetchedKeys(async (call) => fetchKeys(await untilAborted(discovered.get(), call.signal), call)),
  )
  const metadata = (signal: AbortSignal) => untilAborted(discovered.get(), signal)
  return {
    settings,
    transport,
    breaker: createBreaker(clock),
    userInfoBreaker: createBreaker(clock),
    pushes: createPushes(clock),
    keys,
    metadata,
    knownMetadata: () => discovered.peek(),
    configuration: async (call, one) =>
      configurationOf(settings, await metadata(call.signal), call, one ?? issuer),
  }
}

const cacheKey = (issuer: string, at: string) => (at === issuer ? issuer : `${issuer} ${at}`)

function configurationOf(
  settings: Settings,
  metadata: ServerMetadata,
  call: Call,
  issuer: string,
): Configuration {
  const { clock, clientId, signingAlgorithms, clockToleranceMs, isMutualTls, isIssRequired } = settings
  // The options decide what is accepted, not the provider's metadata.
  const accepted = {
    ...metadata,
    issuer,
    id_token_signing_alg_values_supported: [...signingAlgorithms],
    userinfo_signing_alg_values_supported: [...signingAlgorithms],
    ...(isIssRequired ? { authorization_response_iss_parameter_supported: true } : {}),
  }
  const registration = {
    [clockSkew]: Math.round((clock.now() - Date.now()) / 1000),
    [clockTolerance]: clockToleranceMs / 1000,
    ...(isMutualTls ? { use_mtls_endpoint_aliases: true } : {}),
  }
  const authentication = untilDeadline(settings.authentication, call.signal)
  return throughCall(new Configuration(accepted, clientId, registration, authentication), call)
}

/** What proves the application may come from elsewhere, and late. */
const untilDeadline =
  (authenticate: ClientAuth, signal: AbortSignal): ClientAuth =>
  (...request) =>
    untilAborted(Promise.resolve(authenticate(...request)), signal)

/** Sends all that `configuration` requests through `call`, which has a deadline of its own. */
export function throughCall(configuration: Configuration, call: Call): Configuration {
  configuration[customFetch] = call.fetch
  configuration.timeout = 0
  // Which URLs are secure enough was decided where they came from: the options and the metadata's checks.
  allowInsecureRequests(configuration)
  return configuration
}
