import { createBff, generateEncryptionKey } from '@bff/core'
import { openWorld } from '@bff/http-testkit'
import { memoryStore } from '@bff/store-memory'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { onTestFinished } from 'vitest'
import { useBff } from './bff-under-test.ts'
import { newContext } from './browser.ts'

/** A page of a framework's production build, which is served with a BFF of its own, and closed with the test. */
export interface Visitor {
  readonly page: Page
  readonly context: BrowserContext
  /** What the page has asked for. */
  readonly visits: { readonly path: string; readonly kind: string }[]
  /** Ends the session of the user elsewhere. */
  end(): Promise<void>
}

interface Visit {
  readonly browser: Browser
  readonly origin: string
  /** `null`: nobody is signed in. */
  readonly userId: string | null
}

/** The page is blank: go to the app. */
export async function visit({ browser, origin, userId }: Visit): Promise<Visitor> {
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
