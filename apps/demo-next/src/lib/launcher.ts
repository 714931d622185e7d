import type { Stores } from '@bff/core'
import type { PanelsOptions } from '@bff/demo/panels'

/** What `pnpm demo:next` gives the app, which it runs in its own process. */
export interface Launcher {
  /** What the panels show and break. */
  readonly panels: PanelsOptions
  /** The same store, which a switch of the page can take down. */
  breakable(store: Stores): Stores
}

/** The app is a bundle with modules of its own, so only the global object is the same. */
const LAUNCHER = Symbol.for('@bff/demo-next.launcher')

/** Returns the launcher, or `undefined`: the app runs alone. */
export const launcher = (): Launcher | undefined => Reflect.get(globalThis, LAUNCHER)

export function setLauncher(given: Launcher): void {
  Reflect.set(globalThis, LAUNCHER, given)
}
