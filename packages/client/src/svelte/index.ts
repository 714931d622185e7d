import { getContext, hasContext, setContext } from 'svelte'
import { createSubscriber } from 'svelte/reactivity'
import type { BffClient } from '../bff-client.ts'
import type { AnyMetadata, PublicMetadata } from '../public-metadata.ts'
import type { SessionState } from '../session-state.ts'

export type { BffClient } from '../bff-client.ts'
export type { Claim, SessionState, SignedInState, SignedOutState, UnknownState } from '../session-state.ts'

const CLIENT = Symbol('@bff/client')

/**
 * Provides a client to the components inside. Call it while the root component initialises.
 *
 * @example
 * ```ts
 * // The script of +layout.svelte
 * import { createBffClient } from '@bff/client'
 * import { provideBffClient } from '@bff/client/svelte'
 *
 * provideBffClient(createBffClient())
 * ```
 */
export function provideBffClient(client: BffClient): void {
  setContext(CLIENT, client)
}

/** Returns the client that a component above has provided. Throws without one. */
export function useBffClient<App = unknown>(): BffClient<PublicMetadata<App>> {
  if (!hasContext(CLIENT))
    throw new Error(
      'useBffClient and useSession were called in a component without a client. Call provideBffClient(client) in the root component.',
    )
  return getContext<BffClient<PublicMetadata<App>>>(CLIENT)
}

/** The state of the session in a component. */
export interface CurrentSession<Metadata = AnyMetadata> {
  /** The state. A template or an effect that reads it runs again when the state changes. */
  readonly current: SessionState<Metadata>
}

/**
 * Returns the state of the session as `current`, a reactive value. A server sees `initialSession` of the client.
 *
 * @typeParam App the type of the BFF, as of `createBffClient`: `useSession<typeof bff>()`
 * @example
 * ```ts
 * // The script of Account.svelte, whose markup reads session.current.status
 * import { useBffClient, useSession } from '@bff/client/svelte'
 *
 * const session = useSession()
 * const { signIn, signOut } = useBffClient()
 * ```
 */
export function useSession<App = unknown>(): CurrentSession<PublicMetadata<App>> {
  const client = useBffClient<App>()
  const follow = createSubscriber((update) => client.subscribe(update))
  return {
    get current() {
      follow()
      return client.session
    },
  }
}
