import type {
  AuthorizationRequest,
  IdentityProvider,
  MadeBy,
  ProviderTransaction,
} from '../contracts/identity-provider.ts'
import type { RequestView } from '../contracts/request-view.ts'
import { BffError } from '../internal/bff-error.ts'
import { fromBase64url, fromUtf8 } from '../internal/crypto/encoding.ts'
import type { ProviderSource } from './sources.ts'

/** Returns the name of the provider for a sign-in, by the request's host or path, or `null` to leave it to the default. */
export type ChooseProvider = (
  request: RequestView,
) => string | null | undefined | Promise<string | null | undefined>

interface Choice {
  readonly default: string | undefined
  readonly choose: ChooseProvider | undefined
}

/** What a sign-in keeps until its callback. */
interface CombinedTransaction {
  readonly provider: string
  readonly transaction: ProviderTransaction
}

/** Makes one provider of several: each call goes to the one that the session, the sign-in or the logout token is about. */
export function combine(source: ProviderSource, choice: Choice): IdentityProvider {
  async function named(name: string): Promise<IdentityProvider> {
    const provider = await source.find(name)
    if (provider !== null) return provider
    throw new BffError('bad_request', 'There is no identity provider of this name.')
  }

  /** The provider that made the session: nobody else gets anything of it. */
  async function maker(session: MadeBy): Promise<IdentityProvider> {
    const [name, another] = source.makersOf(session)
    const provider = name === undefined || another !== undefined ? null : await source.find(name)
    if (provider?.isMaker({ issuer: session.issuer })) return provider
    throw new BffError(
      'provider_misconfigured',
      'The provider that made this session is not configured, or has another issuer. Add it again, or let the user sign in again.',
    )
  }

  async function nameFor({ request, session }: AuthorizationRequest): Promise<string> {
    const asked = request && askedFor(request)
    if (asked) return asked
    const [made, another] = session ? source.makersOf(session) : []
    if (made !== undefined && another === undefined) return made
    const chosen = (request && (await choice.choose?.(request))) ?? choice.default
    if (chosen) return chosen
    throw new BffError('bad_request', 'Name the identity provider: /bff/login?provider=<name>.')
  }

  return {
    insecureOptions: source.insecureOptions,
    attach: source.attach,
    async authorize(request) {
      const name = await nameFor(request)
      const { url, transaction } = await (await named(name)).authorize(request)
      return { url, transaction: { provider: name, transaction } satisfies CombinedTransaction }
    },
    async exchange(callback, combined) {
      const { provider: name, transaction } = combined as unknown as CombinedTransaction
      const { onRefused } = callback
      const own = onRefused && {
        onRefused: (grant: Parameters<typeof onRefused>[0]) => onRefused({ ...grant, provider: name }),
      }
      const grant = await (await named(name)).exchange({ ...callback, ...own }, transaction)
      return { ...grant, provider: name }
    },
    isMaker: (session) => source.makersOf(session).length === 1,
    refresh: async (request) => (await maker(request)).refresh(request),
    apiToken: async (request) => (await maker(request)).apiToken(request),
    revoke: async (request) => (await maker(request)).revoke(request),
    sharesGrants(session) {
      const [name] = source.makersOf(session)
      return (name === undefined ? null : source.known(name))?.sharesGrants(session) ?? true
    },
    async endSessionUrl(request) {
      if (request.idToken !== null || request.subject !== null)
        return (await maker(request)).endSessionUrl(request)
      await source.probe((provider) => provider.endSessionUrl(request))
      return null
    },
    async verifyLogoutToken(jwt, request) {
      const asked = request && askedFor(request)
      if (asked) return (await named(asked)).verifyLogoutToken(jwt, request)
      const names = source.makersOf({ issuer: issuerOf(jwt) })
      let failure: unknown = new BffError('bad_request', 'The logout token is of no known provider.')
      // Their client tells providers with one issuer apart: the others refuse the token.
      for (const name of names) {
        try {
          return await (await named(name)).verifyLogoutToken(jwt, request)
        } catch (error) {
          failure = error
        }
      }
      throw failure
    },
  }
}

/** The name in the request's query. */
function askedFor({ target }: RequestView): string | null {
  const at = target.indexOf('?')
  return at === -1 ? null : new URLSearchParams(target.slice(at)).get('provider')
}

/** The issuer that a token names, unverified: it only chooses who verifies it. */
function issuerOf(jwt: string): string | null {
  try {
    const bytes = fromBase64url(jwt.split('.')[1] ?? '')
    const { iss } = JSON.parse(bytes === null ? '{}' : fromUtf8(bytes)) as { readonly iss?: unknown }
    return typeof iss === 'string' ? iss : null
  } catch {
    return null
  }
}
