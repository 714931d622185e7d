import {
  type InjectionKey,
  inject,
  onMounted,
  onScopeDispose,
  type Plugin,
  type ShallowRef,
  shallowRef,
} from 'vue'
import type { BffClient } from '../bff-client.ts'
import type { PublicMetadata } from '../public-metadata.ts'
import type { SessionState } from '../session-state.ts'

export type { BffClient } from '../bff-client.ts'
export type { Claim, SessionState, SignedInState, SignedOutState, UnknownState } from '../session-state.ts'

const CLIENT: InjectionKey<BffClient> = Symbol('@bff/client')

/** Options of {@link bffPlugin}. */
export interface BffPluginOptions {
  /** The client from `createBffClient`, made once for the page. */
  readonly client: BffClient
}

/**
 * Provides a client to all components of an app.
 *
 * @example
 * ```ts
 * import { createBffClient } from '@bff/client'
 * import { bffPlugin, useBffClient, useSession } from '@bff/client/vue'
 * import { createApp, defineComponent, h } from 'vue'
 *
 * const Account = defineComponent(() => {
 *   const session = useSession()
 *   const { signIn, signOut } = useBffClient()
 *   return () => {
 *     const { value } = session
 *     if (value.status === 'unknown') return h('p', value.error ?? 'One moment …')
 *     if (value.status === 'signed-out') return h('button', { onClick: () => signIn() }, 'Sign in')
 *     return h('button', { onClick: () => signOut({ returnTo: '/' }) }, `Sign out ${value.userId}`)
 *   }
 * })
 *
 * createApp(Account).use(bffPlugin, { client: createBffClient() }).mount('#app')
 * ```
 */
export const bffPlugin: Plugin<[BffPluginOptions]> = {
  install: (app, { client }) => void app.provide(CLIENT, client),
}

/** Returns the client that {@link bffPlugin} has provided. Throws in an app without the plugin. */
export function useBffClient<App = unknown>(): BffClient<PublicMetadata<App>> {
  const client = inject(CLIENT, null)
  if (client === null)
    throw new Error(
      'useBffClient and useSession were called in an app without the plugin. Call app.use(bffPlugin, { client }).',
    )
  return client as BffClient<PublicMetadata<App>>
}

/**
 * Returns the state of the session, a ref that is replaced when the state changes. A server sees `initialSession` of the
 * client.
 *
 * @typeParam App the type of the BFF, as of `createBffClient`: `useSession<typeof bff>()`
 */
export function useSession<App = unknown>(): Readonly<ShallowRef<SessionState<PublicMetadata<App>>>> {
  const client = useBffClient<App>()
  const session = shallowRef(client.session)
  let unsubscribe = () => {}
  // Not before: what a server has rendered must be hydrated first.
  onMounted(() => {
    unsubscribe = client.subscribe((event) => {
      session.value = event.session
    })
    session.value = client.session
  })
  onScopeDispose(() => unsubscribe())
  return session
}
