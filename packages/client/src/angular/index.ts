import {
  afterNextRender,
  DestroyRef,
  type EnvironmentProviders,
  InjectionToken,
  inject,
  makeEnvironmentProviders,
  type Signal,
  signal,
} from '@angular/core'
import type { BffClient } from '../bff-client.ts'
import type { PublicMetadata } from '../public-metadata.ts'
import type { SessionState } from '../session-state.ts'

export type { BffClient } from '../bff-client.ts'
export type { Claim, SessionState, SignedInState, SignedOutState, UnknownState } from '../session-state.ts'

const CLIENT = new InjectionToken<BffClient>('@bff/client')
const SESSION = new InjectionToken<Signal<SessionState>>('@bff/client session')

/**
 * Provides a client to a whole app.
 *
 * @example
 * ```ts
 * import type { ApplicationConfig } from '@angular/core'
 * import { createBffClient } from '@bff/client'
 * import { provideBffClient } from '@bff/client/angular'
 *
 * export const appConfig: ApplicationConfig = {
 *   providers: [provideBffClient(createBffClient())],
 * }
 * ```
 */
export function provideBffClient(client: BffClient): EnvironmentProviders {
  return makeEnvironmentProviders([
    { provide: CLIENT, useValue: client },
    { provide: SESSION, useFactory: () => follow(client) },
  ])
}

/** One signal for the whole app, also for guards and services, whose injection contexts never end. */
function follow(client: BffClient): Signal<SessionState> {
  const session = signal(client.session)
  const end = inject(DestroyRef)
  // Not before: what a server has rendered must be hydrated first. A server never gets here.
  afterNextRender(() => {
    if (end.destroyed) return
    end.onDestroy(client.subscribe((event) => session.set(event.session)))
    session.set(client.session)
  })
  return session.asReadonly()
}

/** Returns the client that {@link provideBffClient} has provided. Throws in an app without it. */
export function injectBffClient<App = unknown>(): BffClient<PublicMetadata<App>> {
  const client = inject(CLIENT, { optional: true })
  if (client === null)
    throw new Error(
      'injectBffClient and injectSession were called in an app without a client. Add provideBffClient(client) to its providers.',
    )
  return client as BffClient<PublicMetadata<App>>
}

/**
 * Returns the state of the session as a signal, the same one in the whole app. A server sees `initialSession` of the client.
 *
 * @typeParam App the type of the BFF, as of `createBffClient`: `injectSession<typeof bff>()`
 * @example
 * ```ts
 * import { computed } from '@angular/core'
 * import { injectBffClient, injectSession } from '@bff/client/angular'
 *
 * // The class of a component, whose template reads session().status
 * export class Account {
 *   readonly session = injectSession()
 *   readonly client = injectBffClient()
 *   readonly isSignedOut = computed(() => this.session().status === 'signed-out')
 * }
 * ```
 */
export function injectSession<App = unknown>(): Signal<SessionState<PublicMetadata<App>>> {
  injectBffClient()
  return inject(SESSION) as Signal<SessionState<PublicMetadata<App>>>
}
