import type { BffClient, BffClientOptions } from './bff-client.ts'
import { createClient } from './client.ts'
import { browserPlatform } from './platform.ts'
import type { PublicMetadata } from './public-metadata.ts'

export type { BffClient, BffClientOptions, ReturnOptions, StepUpOptions } from './bff-client.ts'
export type { AnyMetadata, PublicMetadata } from './public-metadata.ts'
export { BffRequestError } from './request.ts'
export {
  type CheckedState,
  type Claim,
  claimValues,
  type SessionEvent,
  type SessionState,
  type SignedInState,
  type SignedOutReason,
  type SignedOutState,
  type UnknownState,
} from './session-state.ts'

/**
 * Makes the client of a BFF for a page. Make one for each page. It does nothing before the first subscription or call, so a
 * server can make one too when it renders.
 *
 * @typeParam App the type of the BFF, or of a function that makes it, from which the state takes the types of its public
 * metadata: see {@link PublicMetadata}
 * @throws TypeError for an unknown option
 * @example
 * ```ts
 * import { createBffClient } from '@bff/client'
 *
 * const bff = createBffClient({ warnBeforeMs: 60_000 })
 *
 * bff.subscribe(({ type, session }) => {
 *   if (type === 'expiring') document.title = 'Still there?'
 *   document.body.dataset['status'] = session.status
 * })
 * document.querySelector('#sign-in')?.addEventListener('click', () => bff.signIn({ returnTo: '/orders' }))
 * ```
 */
export const createBffClient = <App = unknown>(
  options: BffClientOptions<PublicMetadata<App>> = {},
): BffClient<PublicMetadata<App>> =>
  // The types of the metadata are the server's word.
  createClient(options as BffClientOptions, browserPlatform) as BffClient<PublicMetadata<App>>
