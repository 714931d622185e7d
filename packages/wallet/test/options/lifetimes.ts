import type { Reply } from '@bff/core'
import { memoryStore } from '@bff/store-memory'
import type { WalletOptions } from '../../src/index.ts'
import { bearer, jsonOf, newAccount, outcomeOf, siweOf, type World, world } from '../support/world.ts'

/** What comes of two uses of what `begin` made, one just before `ms` have passed and one then. */
export async function around(
  ms: number,
  options: WalletOptions,
  begin: (at: World) => Promise<() => Promise<Reply>>,
): Promise<string[]> {
  const at = await world(options)
  const [early, late] = [await begin(at), await begin(at)]
  at.clock.jump(ms - 1)
  const before = outcomeOf(await early())
  at.clock.jump(1)
  return [before, outcomeOf(await late())]
}

/** Asks for a challenge; its use is to sign in with it. */
export async function answering({ challenge, post }: World): Promise<() => Promise<Reply>> {
  const { address, signMessage } = newAccount()
  const token = await challenge()
  const signature = await signMessage({ message: siweOf(token, address) })
  return () => post('/auth/login', { challenge: token, signature, address })
}

/** Signs in; the use is of the access token. */
export async function calling({ signIn, send }: World): Promise<() => Promise<Reply>> {
  const { access_token } = await signIn()
  return () => send('/api/me', bearer(access_token))
}

/** What comes of a refresh after each wait, always with the newest token. */
export async function refreshes(options: WalletOptions, waits: readonly number[]): Promise<string[]> {
  const { signIn, post, clock } = await world(options)
  let pair: unknown = await signIn()
  const outcomes: string[] = []
  for (const wait of waits) {
    clock.jump(wait)
    const reply = await post('/auth/refresh', pair)
    outcomes.push(outcomeOf(reply))
    pair = jsonOf(reply)
  }
  return outcomes
}

/** What comes of using one refresh token again after this long. */
export async function repeated(options: WalletOptions, afterMs: number): Promise<string> {
  const { signIn, post, clock } = await world(options)
  const pair = await signIn()
  await post('/auth/refresh', pair)
  clock.jump(afterMs)
  return outcomeOf(await post('/auth/refresh', pair))
}

/** What comes of a token known here, and signed out where our bus does not reach, after this long. */
export async function signedOutUnheard(options: WalletOptions, afterMs: number): Promise<string> {
  const here = await world(options)
  const store = { ...here.store, events: memoryStore().events }
  const there = await world({ clock: here.clock, bff: { store } })
  const pair = await here.signIn()
  const call = () => here.send('/api/me', bearer(pair.access_token))
  await call()
  await there.post('/auth/logout', pair)
  here.clock.jump(afterMs)
  return outcomeOf(await call())
}
