import type { ServedBff } from '@bff/core'

/** A fixture's production build is served in the process of its test, which puts the BFF here. */
const place = globalThis as { bffUnderTest?: ServedBff | undefined }

/** From now on the BFF of the fixture is this one. */
export function useBff(bff: ServedBff | undefined): void {
  place.bffUnderTest = bff
}

function current(): ServedBff {
  if (place.bffUnderTest === undefined) throw new Error('The test has put no BFF here.')
  return place.bffUnderTest
}

/** The BFF of a fixture. An app has one for good; here each test has its own. */
export const bffUnderTest = (): ServedBff => ({
  handle: (request) => current().handle(request),
  getSession: (request, options) => current().getSession(request, options),
  requireSession: (request, options) => current().requireSession(request, options),
  bffFor: (request) => current().bffFor(request),
  fetch: (request) => current().fetch(request),
  errorReply: (error) => current().errorReply(error),
  get paths() {
    return current().paths
  },
  close: async () => {},
})
