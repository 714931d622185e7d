import type { BffEvent } from '@bff/core'
import { vi } from 'vitest'

const heard: string[] = []

/** An `onEvent` whose events {@link announcedBy} tells of. */
export function hear(event: BffEvent): void {
  heard.push(event.type === 'config.insecure' ? event.option : event.type)
}

/** The options `make` announces: those that {@link hear} got, and those on the console. */
export function announcedBy(make: () => unknown) {
  heard.length = 0
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => {})
  try {
    make()
    return { heard: [...heard], written: warn.mock.calls.map(([, option]) => option) }
  } finally {
    warn.mockRestore()
  }
}

/** What {@link announcedBy} tells without an `onEvent`, and with {@link hear}. */
export const announcedAs = (...options: readonly string[]) =>
  [
    { heard: [], written: options },
    { heard: options, written: [] },
  ] as const
