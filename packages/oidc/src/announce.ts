import type { BffEvent, Clock, InsecureOption } from '@bff/core'
import { createAttachment } from '@bff/core/authoring'

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
  const { emit } = createAttachment({ clock, onEvent })
  for (const insecure of options) emit({ type: 'config.insecure', ...insecure })
}

function warn(event: BffEvent): void {
  if (event.type === 'config.insecure') console.warn(`[bff] ${event.type}`, event.option, event.message)
}
