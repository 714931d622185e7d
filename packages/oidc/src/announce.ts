import type { BffEvent, Clock, InsecureOption } from '@bff/core'

/** Receives events about insecure options. */
export interface Announced {
  /** Receives `config.insecure`. @default `config.insecure` on the console */
  readonly onEvent?: (event: BffEvent) => void
}

/** Reports the insecure options of functions that are used without a BFF, so that `createBff` cannot report them. */
export function announce(
  options: readonly InsecureOption[],
  clock: Clock,
  onEvent: Announced['onEvent'] = warn,
): void {
  for (const insecure of options) {
    try {
      onEvent({ type: 'config.insecure', ...insecure, at: clock.now() })
    } catch {
      // LOG-05: a broken sink breaks nothing else.
    }
  }
}

function warn(event: BffEvent): void {
  if (event.type === 'config.insecure') console.warn(`[bff] ${event.type}`, event.option, event.message)
}
