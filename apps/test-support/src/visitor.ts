import { createBff, generateEncryptionKey } from '@bff/core'
import { openWorld, type ServedApp } from '@bff/http-testkit'
import { memoryStore } from '@bff/store-memory'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, onTestFinished } from 'vitest'
import { useBff } from './bff-under-test.ts'
import { launchChromium, newContext } from './browser.ts'
import { START_MS } from './fixture.ts'

/** A page of a framework's production build, which is served with a BFF of its own, and closed with the test. */
export interface Visitor {
  readonly page: Page
  readonly context: BrowserContext
  /** What the page has asked for. */
  readonly visits: { readonly path: string; readonly kind: string }[]
  /** Ends the session of the user elsewhere. */
  end(): Promise<void>
}

export interface BrowserOnFixture {
  readonly origin: string
  /** Opens a blank page for a user; with `null`, nobody is signed in. */
  visit(userId: string | null): Promise<Visitor>
  /** Opens the start page of the fixture. */
  open(userId: string | null): Promise<Visitor>
}

/** Starts a browser and a fixture for all tests of the file. */
export function browseForAllTests(start: () => Promise<ServedApp>): BrowserOnFixture {
  let browser: Browser
  let app: ServedApp
  let origin: string
  beforeAll(async () => {
    ;[browser, app] = await Promise.all([launchChromium(), start()])
    origin = app.origin.replace('127.0.0.1', 'localhost')
  }, START_MS)
  afterAll(async () => {
    await browser?.close()
    await app?.close()
  })
  return {
    get origin() {
      return origin
    },
    visit: (userId) => visit(browser, origin, userId),
    async open(userId) {
      const visitor = await visit(browser, origin, userId)
      await visitor.page.goto(origin)
      return visitor
    },
  }
}

async function visit(browser: Browser, origin: string, userId: string | null): Promise<Visitor> {
  const world = await openWorld()
  onTestFinished(() => world.close())
  const bff = createBff({
    origin,
    store: memoryStore(),
    encryptionKeys: [generateEncryptionKey()],
    provider: world.provider,
    onEvent: () => {},
  })
  useBff(bff)
  const context = await newContext(browser)
  let end = async () => {}
  if (userId !== null) {
    const { session, cookie } = await bff.sessions.create({ userId })
    end = async () => void (await bff.sessions.revoke(session.handle))
    const value = cookie.split(';', 1)[0]?.split('=')[1] ?? ''
    await context.addCookies([{ name: bff.options.cookieName, value, url: origin, httpOnly: true }])
  }
  const page = await context.newPage()
  const visits: { path: string; kind: string }[] = []
  page.on('request', (request) => {
    visits.push({ path: new URL(request.url()).pathname, kind: request.resourceType() })
  })
  return { page, context, visits, end }
}

/** The sign-in that `act` leads to: how it is opened, and where it returns to. */
export async function signInAfter(
  page: Page,
  act: () => Promise<void>,
): Promise<[kind: string, returnTo: string | null]> {
  const signIn = page.waitForRequest((request) => new URL(request.url()).pathname === '/bff/login')
  await act()
  const request = await signIn
  return [request.resourceType(), new URL(request.url()).searchParams.get('returnTo')]
}
