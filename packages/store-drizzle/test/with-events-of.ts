import type { Stores } from '@bff/core'

/** The other client of a backend that carries no events: they stay within the stores, as the README says. */
export const withEventsOf = ({ events }: Stores, another: Stores): Stores => ({ ...another, events })
