import type { ServedBff } from '@bff/core'
import { openWorld, type ServedApp, type SignedIn, type World } from '@bff/http-testkit'
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest'
import { useBff } from './bff-under-test.ts'

/** What the start of a production build may take on a busy machine, in milliseconds. */
export const START_MS = 180_000

export interface ServedFixture {
  readonly origin: string
  /** Makes this the BFF of the fixture, and returns what the laws of an HTTP adapter ask for. */
  serve(bff: ServedBff): Promise<ServedApp>
}

/** Serves a fixture while the tests of the file run. */
export function serveForAllTests(start: () => Promise<ServedApp>): ServedFixture {
  let app: ServedApp
  beforeAll(async () => {
    app = await start()
  }, START_MS)
  afterAll(() => app?.close())
  return {
    get origin() {
      return app.origin
    },
    async serve(bff) {
      useBff(bff)
      return { origin: app.origin, close: async () => {} }
    },
  }
}

/** The world of the test that runs. */
export interface CurrentWorld extends Pick<World, 'bff' | 'api' | 'store'> {
  /** A user who is signed in. */
  readonly alice: SignedIn
}

/** Opens a world for each test of the file, whose BFF is that of the fixture. */
export function openWorldForEachTest(): CurrentWorld {
  let world: World
  let alice: SignedIn
  beforeEach(async () => {
    world = await openWorld()
    alice = await world.signIn('alice')
    useBff(world.bff)
  })
  afterEach(() => world.close())
  return {
    get bff() {
      return world.bff
    },
    get api() {
      return world.api
    },
    get store() {
      return world.store
    },
    get alice() {
      return alice
    },
  }
}
