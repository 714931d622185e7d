import {
  type Accessor,
  createComponent,
  createContext,
  createSignal,
  type JSX,
  onCleanup,
  onMount,
  useContext,
} from 'solid-js'
import type { BffClient } from '../bff-client.ts'
import type { PublicMetadata } from '../public-metadata.ts'
import type { SessionState } from '../session-state.ts'

export type { BffClient } from '../bff-client.ts'
export type { Claim, SessionState, SignedInState, SignedOutState, UnknownState } from '../session-state.ts'

const ClientContext = createContext<BffClient>()

export interface BffProviderProps {
  /** The client from `createBffClient`, made once for the page. */
  readonly client: BffClient
  readonly children?: JSX.Element
}

/**
 * Provides a client to the components inside.
 *
 * @example
 * ```ts
 * import { createBffClient } from '@bff/client'
 * import { BffProvider, useSession } from '@bff/client/solid'
 * import { createComponent } from 'solid-js'
 *
 * const client = createBffClient()
 * const Account = () => useSession()().status
 *
 * // In JSX: <BffProvider client={client}><Account /></BffProvider>
 * export const App = () =>
 *   createComponent(BffProvider, {
 *     client,
 *     get children() {
 *       return createComponent(Account, {})
 *     },
 *   })
 * ```
 */
export function BffProvider(props: BffProviderProps): JSX.Element {
  return createComponent(ClientContext.Provider, {
    get value() {
      return props.client
    },
    get children() {
      return props.children
    },
  })
}

/** Returns the client of the nearest {@link BffProvider}. Throws outside a provider. */
export function useBffClient<App = unknown>(): BffClient<PublicMetadata<App>> {
  const client = useContext(ClientContext)
  if (client === undefined)
    throw new Error(
      'useBffClient and useSession were called outside a provider. Add a <BffProvider client={…}> around the component.',
    )
  return client as BffClient<PublicMetadata<App>>
}

/**
 * Returns the state of the session as a signal. A server sees `initialSession` of the client.
 *
 * @typeParam App the type of the BFF, as of `createBffClient`: `useSession<typeof bff>()`
 */
export function useSession<App = unknown>(): Accessor<SessionState<PublicMetadata<App>>> {
  const client = useBffClient<App>()
  const [session, setSession] = createSignal(client.session)
  onMount(() => {
    onCleanup(client.subscribe((event) => setSession(event.session)))
    setSession(client.session)
  })
  return session
}
