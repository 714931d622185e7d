import type { Bff } from '@bff/core'

/** A fixture's production build is served in the process of its test, which puts the BFF here. */
const place = globalThis as { bffUnderTest?: Bff | undefined }

/** From now on the BFF of the fixture is this one. */
export function useBff(bff: Bff | undefined): void {
  place.bffUnderTest = bff
}

function current(): Bff {
  if (place.bffUnderTest === undefined) throw new Error('The test has put no BFF here.')
  return place.bffUnderTest
}

/** The BFF of a fixture. An app has one for good; here each test has its own. */
export const bffUnderTest = (): Bff => ({
  handle: (request) => current().handle(request),
  getSession: (request, options) => current().getSession(request, options),
  requireSession: (request, options) => current().requireSession(request, options),
  refresh: (session) => current().refresh(session),
  fetch: (request) => current().fetch(request),
  errorReply: (error) => current().errorReply(error),
  get sessions() {
    return current().sessions
  },
  get paths() {
    return current().paths
  },
  get options() {
    return current().options
  },
  close: async () => {},
})
