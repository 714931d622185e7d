import { randomBytes } from 'node:crypto'
import { type BffConfig, type BffEvent, createBff, type Session } from '@bff/core'
import { memoryStore } from '@bff/store-memory'
import { onTestFinished } from 'vitest'
import type { OidcOptions } from '../../src/index.ts'
import { ORIGIN, page } from './page.ts'
import { json, type ScriptedProvider } from './scripted-provider.ts'
import { providerFor, TOKENS } from './sign-in.ts'

/** A BFF whose provider is the scripted one, and a browser on its page. Everything lives by the provider's clock. */
export function scriptedBff(
  scripted: ScriptedProvider,
  options: Partial<OidcOptions> = {},
  config: Partial<BffConfig> = {},
) {
  const { clock } = scripted
  const events: BffEvent[] = []
  const store = memoryStore()
  const bff = createBff({
    origin: ORIGIN,
    store,
    clock,
    encryptionKeys: [randomBytes(32).toString('base64')],
    provider: providerFor(scripted, options),
    onEvent: (event) => events.push(event),
    ...config,
  })
  onTestFinished(() => bff.close())
  const browser = page(bff)

  /** Where a sign-in leads whose code is answered with an ID token of `claims` and `answer` over the usual tokens. */
  async function signIn(claims: Record<string, unknown> = {}, answer: Record<string, unknown> = {}) {
    const begun = new URL((await browser.navigate('/bff/login')).headers.get('location') ?? '')
    const { state, nonce } = Object.fromEntries(begun.searchParams)
    const id_token = await scripted.idToken({ nonce, ...claims })
    scripted.on('/token', json(200, { ...TOKENS, id_token, ...answer }))
    const query = new URLSearchParams({
      code: 'a-code',
      state: state ?? '',
      iss: String(claims['iss'] ?? scripted.issuer),
    })
    return (await browser.navigate(`/bff/callback?${query}`)).headers.get('location')
  }

  /** The browser's session, as the app gets it. */
  async function session(): Promise<Session> {
    const session = await bff.getSession(browser.view())
    if (session === null) throw new Error('Nobody is signed in.')
    return session
  }

  return { bff, browser, events, store, signIn, session }
}
