import type { Bff } from '@bff/core'
import { nextBff } from '@bff/next'

/** The BFF under test: the server runs in the test's own process, which puts it here. A build has none. */
const place = globalThis as { bffUnderTest?: Bff }

export const { handlers, getSession, withSession } = nextBff(() => {
  if (place.bffUnderTest === undefined) throw new Error('A BFF was made where the test has put none.')
  return place.bffUnderTest
})
