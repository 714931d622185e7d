import type { BffConfig } from './contracts/config.ts'
import type { InsecureOption } from './contracts/insecure-option.ts'
import type { Plugin } from './contracts/plugin.ts'
import type { ResolvedOptions } from './contracts/resolved-options.ts'

interface Host {
  readonly process?: { readonly env?: Readonly<Record<string, string | undefined>> }
}

interface Composition {
  readonly config: Pick<BffConfig, 'provider' | 'clientAddress'>
  readonly options: ResolvedOptions
  readonly plugins: readonly Plugin[]
}

/** Every insecure option of a BFF, each once. */
export function insecureOptionsOf({ config, options, plugins }: Composition): InsecureOption[] {
  const { provider, clientAddress } = config
  const { process } = globalThis as Host
  return [
    ...(options.secure ? productionGaps(options, plugins) : [PLAIN_HTTP]),
    ...(process?.env?.['NODE_TLS_REJECT_UNAUTHORIZED'] === '0' ? [UNVERIFIED_TLS] : []),
    ...(provider?.insecureOptions ?? []),
    ...(clientAddress?.insecureOptions ?? []),
  ]
}

const PLAIN_HTTP = {
  option: 'origin',
  message: 'Plain http on localhost: cookies are not Secure. Use https elsewhere.',
}

const UNVERIFIED_TLS = {
  option: 'NODE_TLS_REJECT_UNAUTHORIZED',
  message:
    'Node verifies no TLS certificate, of the identity provider and the APIs included: anyone on the way can read tokens. Remove the variable and name your CA in NODE_EXTRA_CA_CERTS.',
}

/** What development on localhost does not need, and a public origin does. */
function productionGaps(options: ResolvedOptions, plugins: readonly Plugin[]): InsecureOption[] {
  const gaps: InsecureOption[] = []
  if (!options.cookieName.startsWith('__Host-'))
    gaps.push({
      option: 'cookie.name',
      message: `A sibling domain or a page over plain http can set the cookie ${options.cookieName}. Give it a name that starts with __Host-.`,
    })
  if (!plugins.some(({ limitsRate }) => limitsRate))
    gaps.push({
      option: 'plugins',
      message:
        'Nothing limits how often a client may sign in or refresh. Add rateLimit() of @bff/core/rate-limit, or limit requests in front of this server.',
    })
  if (options.session.maxPerUser === 0)
    gaps.push({
      option: 'session.maxPerUser',
      message: 'A user may hold any number of sessions at once. Set a limit such as 20.',
    })
  return gaps
}
