export { type ManualClock, manualClock } from '@bff/testing/clock'
