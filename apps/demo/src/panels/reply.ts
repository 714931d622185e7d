import type { Reply } from '@bff/core'

/** A reply with a JSON body that nobody keeps. */
export const json = (value: unknown): Reply => ({
  status: 200,
  headers: [
    ['content-type', 'application/json'],
    ['cache-control', 'no-store'],
  ],
  body: JSON.stringify(value),
})
