/**
 * `pnpm test:drivers` runs everything on every driver. Each commit leaves out what `@bff/store-drizzle` runs on the same
 * driver, and what takes long and is about the store more than about its driver.
 */
export const RUNS_ALL = process.env['BFF_DRIVERS'] === 'all'
