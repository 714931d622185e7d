'use client'

import {
  createContext,
  createElement,
  type ReactElement,
  type ReactNode,
  useContext,
  useSyncExternalStore,
} from 'react'
import type { BffClient } from '../bff-client.ts'
import type { PublicMetadata } from '../public-metadata.ts'
import type { SessionState } from '../session-state.ts'

export type { BffClient } from '../bff-client.ts'
export type { Claim, SessionState, SignedInState, SignedOutState, UnknownState } from '../session-state.ts'

const ClientContext = createContext<BffClient | null>(null)

export interface BffProviderProps {
  /** The client from `createBffClient`, made once for the page, outside any component. */
  readonly client: BffClient
  readonly children?: ReactNode
}

/**
 * Provides a client to the components inside.
 *
 * @example
 * ```tsx
 * import { createBffClient } from '@bff/client'
 * import { BffProvider, useBffClient, useSession } from '@bff/client/react'
 * import * as React from 'react'
 *
 * const client = createBffClient()
 *
 * function Account() {
 *   const session = useSession()
 *   const { signIn, signOut } = useBffClient()
 *   if (session.status === 'unknown') return <p>{session.error ?? 'One moment …'}</p>
 *   if (session.status === 'signed-out') return <button onClick={() => signIn()}>Sign in</button>
 *   return <button onClick={() => signOut({ returnTo: '/' })}>Sign out {session.userId}</button>
 * }
 *
 * export const App = () => (
 *   <BffProvider client={client}>
 *     <Account />
 *   </BffProvider>
 * )
 * ```
 */
export function BffProvider({ client, children }: BffProviderProps): ReactElement {
  return createElement(ClientContext.Provider, { value: client }, children)
}

/** Returns the client of the nearest {@link BffProvider}. Throws outside a provider. */
export function useBffClient<App = unknown>(): BffClient<PublicMetadata<App>> {
  const client = useContext(ClientContext)
  if (client === null)
    throw new Error(
      'useBffClient and useSession were called outside a provider. Add a <BffProvider client={…}> around the component.',
    )
  return client as BffClient<PublicMetadata<App>>
}

/**
 * Returns the state of the session. The component renders again when the state changes. A server, and the first render of a
 * page that a server rendered, see `initialSession` of the client.
 *
 * @typeParam App the type of the BFF, as of `createBffClient`: `useSession<typeof bff>()`
 */
export function useSession<App = unknown>(): SessionState<PublicMetadata<App>> {
  const client = useBffClient<App>()
  return useSyncExternalStore(
    client.subscribe,
    () => client.session,
    () => client.initialSession,
  )
}
