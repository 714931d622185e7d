import { randomBytes } from 'node:crypto'
import { manualClock } from '@bff/test-support/clock'
import { memoryStore } from '../../../store-memory/src/index.ts'
import { type FrontendsOptions, frontends } from '../../src/frontends/index.ts'
import type { Bff, BffConfig, BffEvent, RequestView, ServedBff } from '../../src/index.ts'
import { request, ScriptedProvider } from '../world.ts'

const PAGE = { 'x-csrf': '1', 'sec-fetch-site': 'same-origin', 'sec-fetch-mode': 'cors' }

/** The view of a script's request from the app's own page. */
export const view = (host: string, target: string, headers: Record<string, string> = {}): RequestView =>
  request('GET', target, { host, ...PAGE, ...headers })

/** Frontends that share a store, and the means to add more. */
export function several(options: FrontendsOptions = {}) {
  const clock = manualClock()
  const store = memoryStore()
  const events: BffEvent[] = []
  const all = frontends({ clock, onEvent: (event) => events.push(event), ...options })
  const encryptionKeys = [randomBytes(32).toString('base64')]
  const config = (origin: BffConfig['origin'], given: Partial<BffConfig> = {}): BffConfig => ({
    origin,
    store,
    encryptionKeys,
    provider: new ScriptedProvider(),
    clock,
    onEvent: () => {},
    ...given,
  })
  return { all, clock, store, events, config }
}

/** The value of a `Cookie` header for a new session. */
export async function signIn(bff: Bff | null, userId: string): Promise<string> {
  if (bff === null) throw new Error('No such frontend.')
  const { cookie } = await bff.sessions.create({
    userId,
    tokens: { accessToken: `of-${userId}`, expiresIn: 3600 },
  })
  return cookie.split(';', 1)[0] ?? ''
}

/** Who is signed in to a request, or the code of the error. */
export async function whoIs(bff: ServedBff, asked: RequestView): Promise<string> {
  try {
    return (await bff.requireSession(asked)).userId
  } catch (error) {
    return String(Reflect.get(Object(error), 'code') ?? error)
  }
}
