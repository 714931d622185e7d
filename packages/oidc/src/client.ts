import {
  allowInsecureRequests,
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
  readonly pushes: Pushes
  /** The provider's public keys. */
  readonly keys: KeySet
  /** Returns the provider's metadata; waits for it until `signal` aborts. */
  metadata(signal: AbortSignal): Promise<ServerMetadata>
  /** Returns the metadata if it is already loaded, without asking the provider. */
  knownMetadata(): ServerMetadata | null
  /** Returns openid-client's configuration for one call, whose requests go through the call. */
  configuration(call: Call): Promise<Configuration>
}

export function createClient(settings: Settings): Client {
  const { issuer, clientId, clock } = settings
  const transport = createTransport(settings)
  // Requests from outside do not influence what is fetched here, so that all share one source.
  const fetcher = () => {
    const breaker = createBreaker(clock)
    return <Value>(fetch: (call: Call) => Promise<Value>): Promise<Value> =>
      transport.call({ admit: () => breaker.admit(''), explain: explainOutage }, fetch)
  }
  const [fetched, fetchedKeys] = [fetcher(), fetcher()]
  const discovered = settings.discoveryCache.entry(issuer, clock, () =>
    fetched((call) => fetchMetadata(issuer, clientId, call.fetch)),
  )
  const keys = createKeySet(clock, () =>
    fetchedKeys(async (call) => fetchKeys(await untilAborted(discovered.get(), call.signal), call)),
  )
  const metadata = (signal: AbortSignal) => untilAborted(discovered.get(), signal)
  return {
    settings,
    transport,
    breaker: createBreaker(clock),
    pushes: createPushes(clock),
    keys,
    metadata,
    knownMetadata: () => discovered.peek(),
    configuration: async (call) => configurationOf(settings, await metadata(call.signal), call),
  }
}

function configurationOf(settings: Settings, metadata: ServerMetadata, call: Call): Configuration {
  const { clock, clientId, signingAlgorithms, clockToleranceMs, authentication } = settings
  // The options decide what is accepted, not the provider's metadata.
  const accepted = { ...metadata, id_token_signing_alg_values_supported: [...signingAlgorithms] }
  const times = {
    [clockSkew]: Math.round((clock.now() - Date.now()) / 1000),
    [clockTolerance]: clockToleranceMs / 1000,
  }
  return throughCall(new Configuration(accepted, clientId, times, authentication), call)
}

/** Sends all that `configuration` requests through `call`, which has a deadline of its own. */
export function throughCall(configuration: Configuration, call: Call): Configuration {
  configuration[customFetch] = call.fetch
  configuration.timeout = 0
  // Which URLs are secure enough was decided where they came from: the options and the metadata's checks.
  allowInsecureRequests(configuration)
  return configuration
}
