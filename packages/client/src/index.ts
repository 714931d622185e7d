import type { BffClient, BffClientOptions } from './bff-client.ts'
import { createClient } from './client.ts'
import { browserPlatform } from './platform.ts'

export type { BffClient, BffClientOptions, ReturnOptions, StepUpOptions } from './bff-client.ts'
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
export const createBffClient = (options: BffClientOptions = {}): BffClient =>
  createClient(options, browserPlatform)
