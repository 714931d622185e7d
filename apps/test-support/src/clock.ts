export { type ManualClock, manualClock } from '@bff/testing/clock'

/** Where a manual clock begins, in epoch milliseconds. */
export const START = Date.UTC(2030, 0, 1)
