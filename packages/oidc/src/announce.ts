import type { BffEvent, Clock, InsecureOption } from '@bff/core'
import { invalid } from './check.ts'

/** Hears of insecure choices. */
export interface Announced {
  /** Receives `config.insecure`. @default `config.insecure` on the console */
  readonly onEvent?: (event: BffEvent) => void
}

/** Announces the insecure choices of what no BFF is made of, so that `createBff` cannot. */
export function announce(
  options: readonly InsecureOption[],
  clock: Clock,
  onEvent: Announced['onEvent'] = warn,
): void {
  if (typeof onEvent !== 'function') throw invalid('onEvent must be a function.')
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
