import type { Attachable, AttachContext } from '../contracts/attachable.ts'
import type { IdentityProvider, MadeBy } from '../contracts/identity-provider.ts'
import type { InsecureOption } from '../contracts/insecure-option.ts'
import type { Attachment } from '../internal/attachment.ts'
import { BffError, isBffError } from '../internal/bff-error.ts'
import { createLru } from '../internal/lru.ts'
import { singleFlight } from '../internal/single-flight.ts'

/** Where the providers come from, by name. */
export interface ProviderSource extends Required<Attachable> {
  readonly insecureOptions: readonly InsecureOption[]
  /**
   * Returns the provider of a name; `null` for an unknown name.
   *
   * @throws BffError `provider_unavailable` when it could not be loaded
   */
  find(name: string): Promise<IdentityProvider | null>
  /** Returns the names of the providers that may have made a session, or a logout token; empty when no one did. */
  makersOf(session: MadeBy): readonly string[]
  /** Returns the provider of a name if it is at hand. */
  known(name: string): IdentityProvider | null
  /** Throws when a provider that every user depends on does not answer. */
  probe(ask: (provider: IdentityProvider) => Promise<unknown>): Promise<void>
}

export const isProviderName = (name: string) => /^[\w.-]{1,64}$/.test(name)

/** The providers that are known when the app starts. */
export function namedProviders(all: ReadonlyMap<string, IdentityProvider>): ProviderSource {
  return {
    insecureOptions: [...all.values()].flatMap(({ insecureOptions = [] }) => insecureOptions),
    find: async (name) => all.get(name) ?? null,
    makersOf({ issuer, provider = null }) {
      // Of a token whose issuer is unknown, nobody knows where it may go.
      if (issuer === null) return []
      const names = provider === null ? [...all.keys()] : [provider]
      return names.filter((name) => all.get(name)?.isMaker({ issuer }))
    },
    known: (name) => all.get(name) ?? null,
    async probe(ask) {
      await Promise.all([...all.values()].map(ask))
    },
    attach(context) {
      for (const provider of all.values()) provider.attach?.(context)
    },
  }
}

interface Loading {
  readonly load: (name: string) => IdentityProvider | null | Promise<IdentityProvider | null>
  readonly ttlMs: number
  readonly max: number
  readonly attachment: Attachment
}

interface Loaded {
  readonly provider: IdentityProvider
  /** On the monotonic clock. */
  readonly until: number
}

/** The providers that are loaded when somebody needs them. */
export function loadedProviders({ load, ttlMs, max, attachment }: Loading): ProviderSource {
  const { clock } = attachment
  let attached: AttachContext | undefined
  const kept = createLru<Loaded>(max)
  const flight = singleFlight<string, IdentityProvider | null>()

  function fresh(name: string): IdentityProvider | null {
    const found = kept.get(name)
    return found !== undefined && clock.monotonic() < found.until ? found.provider : null
  }

  async function loadOne(name: string): Promise<IdentityProvider | null> {
    try {
      const provider = await load(name)
      if (attached) provider?.attach?.(attached)
      // Only what exists is kept: names come from outside.
      if (provider === null) kept.delete(name)
      else kept.set(name, { provider, until: clock.monotonic() + ttlMs })
      return provider
    } catch (cause) {
      if (isBffError(cause)) throw cause
      throw new BffError('provider_unavailable', 'The identity provider could not be loaded.', { cause })
    }
  }

  return {
    insecureOptions: [],
    async find(name) {
      if (!isProviderName(name)) return null
      return fresh(name) ?? flight(name, () => loadOne(name))
    },
    makersOf: ({ provider = null }) => (provider === null || !isProviderName(provider) ? [] : [provider]),
    known: fresh,
    // A tenant that is down harms no other.
    async probe() {},
    attach(context) {
      attached ??= context
      attachment.attach(context)
    },
  }
}
