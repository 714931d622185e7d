import { type Grant, isBffError } from '@bff/core'
import { createBrowser, type TestProvider } from '@bff/testing'
import { exportJWK, generateKeyPair } from 'jose'
import { type Fetch, type OidcOptions, oidc } from '../../src/index.ts'
import { type Answer, json, type ScriptedProvider } from './scripted-provider.ts'
import { begin, STATE } from './sign-in.ts'

/** What `attempt` comes to, or the code it fails with. */
export async function outcomeOf<Value>(attempt: () => Promise<Value>): Promise<Value | string> {
  try {
    return await attempt()
  } catch (error) {
    if (isBffError(error)) return error.code
    throw error
  }
}

/** What `attempt` comes to with each of `values`, one after the other. */
export async function outcomesOf<Input, Value>(
  values: readonly Input[],
  attempt: (value: Input) => Promise<Value>,
): Promise<readonly (Value | string)[]> {
  const outcomes: (Value | string)[] = []
  for (const value of values) outcomes.push(await outcomeOf(() => attempt(value)))
  return outcomes
}

/** What `ask` comes to when `path` takes 4.999, 5, 9.999 and 10 seconds, on the provider's clock, to give `answer`. */
export function outcomesOfWaiting<Value>(
  { clock, on, received, requestsTo }: ScriptedProvider,
  path: string,
  answer: Answer,
  ask: () => Promise<Value>,
): Promise<readonly (Value | string)[]> {
  return outcomesOf([4_999, 5_000, 9_999, 10_000], async (ms) => {
    let reply = () => {}
    on(path, (response, request) => {
      reply = () => void answer(response, request)
    })
    const asked = received(path, requestsTo(path).length + 1).then(() => {
      clock.jump(ms)
      reply()
    })
    try {
      const [value] = await Promise.all([ask(), asked])
      return value
    } finally {
      on(path, answer)
    }
  })
}

/** Like the platform's `fetch`, by way of something that leaves its mark on every request. */
export const fetchThroughProxy: Fetch = (url, init) => {
  const headers = new Headers(init.headers)
  headers.set('via', '1.1 proxy')
  return fetch(url, { ...init, headers })
}

/** Signs with a key of this algorithm, which is from now on the only one the provider publishes. */
export async function signerOf(scripted: ScriptedProvider, alg: string) {
  const { privateKey, publicKey } = await generateKeyPair(alg)
  const publicJwk = { ...(await exportJWK(publicKey)), kid: alg, use: 'sig', alg }
  scripted.on('/jwks', json(200, { keys: [publicJwk] }))
  return (claims: Record<string, unknown>, typ = 'JWT') => {
    const now = Math.floor(scripted.clock.now() / 1000)
    const all = { iss: scripted.issuer, sub: 'alice', iat: now, exp: now + 300, ...claims }
    return scripted.sign(all, { alg, kid: alg, typ }, privateKey)
  }
}

/** What alice's sign-in at a real provider grants; as its client `demo`, unless another is given. */
export async function grantAt(
  { issuer, clients }: TestProvider,
  options: Partial<OidcOptions>,
): Promise<Grant> {
  const provider = oidc({ issuer, clientId: clients.basic.clientId, ...options })
  const { url, transaction } = await begin(provider)
  const callback = await createBrowser().signIn(url.href, 'alice')
  return provider.exchange({ url: callback, state: STATE }, transaction)
}
