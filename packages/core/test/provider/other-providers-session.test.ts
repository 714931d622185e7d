import { expect, test } from 'vitest'
import { memoryStore } from '../../../store-memory/src/index.ts'
import { generateEncryptionKey, type PluginContext } from '../../src/index.ts'
import { Browser, jsonOf, ScriptedProvider, world } from '../world.ts'

/** The provider of the second app: it made none of the first one's sessions. */
class OtherProvider extends ScriptedProvider {
  override isMaker({ issuer }: { readonly issuer: string | null }) {
    return issuer === 'https://other.example.com'
  }
}

/** Two BFFs on one store, each with a provider of its own, and a user who signed in at the first one. */
async function twoBffs() {
  const shared = { store: memoryStore(), encryptionKeys: [generateEncryptionKey()] }
  const first = world(shared)
  const other = new OtherProvider()
  let context: PluginContext | undefined
  const second = world({
    ...shared,
    clock: first.clock,
    provider: other,
    plugins: [
      (given) => {
        context = given
        return {}
      },
    ],
  })
  const user = first.browser()
  await user.signIn()
  const elsewhere = new Browser(second.bff)
  for (const [name, value] of user.cookies) elsewhere.cookies.set(name, value)
  return { first, second, other, elsewhere, context: () => context }
}

test('a sign-out at another BFF sends its provider nothing, and says so [LGO-15]', async () => {
  const { first, second, other, elsewhere } = await twoBffs()
  const reply = await elsewhere.fetch('POST', '/bff/logout')
  expect(jsonOf(reply).logout_url).toBeUndefined()
  await first.clock.advance(10_000)
  await second.bff.close()
  expect([other.revoked, other.calls]).toEqual([[], []])
  expect(second.events).toContainEqual(
    expect.objectContaining({ type: 'revocation.dropped', reason: 'other_provider', userId: 'alice' }),
  )
  expect(second.events).toContainEqual(
    expect.objectContaining({
      type: 'provider.failed',
      operation: 'endSessionUrl',
      code: 'provider_misconfigured',
    }),
  )
})

test('a refresh at another BFF sends its provider nothing, and the session stays [RFT-14]', async () => {
  const { first, other, elsewhere } = await twoBffs()
  expect((await elsewhere.fetch('POST', '/bff/refresh')).status).toBe(503)
  expect(other.calls).toEqual([])
  const back = new Browser(first.bff)
  for (const [name, value] of elsewhere.cookies) back.cookies.set(name, value)
  expect((await back.fetch('POST', '/bff/refresh')).status).toBe(200)
})

test('a plugin cannot hand the provider a token of a session that another one made', async () => {
  const { other, context } = await twoBffs()
  const provider = context()?.provider
  const made = { issuer: 'https://idp.example.com', dpopKeyPair: null }
  const refused = { code: 'provider_misconfigured' }
  await expect(provider?.revoke({ ...made, token: 't', hint: 'refresh_token' })).rejects.toMatchObject(
    refused,
  )
  await expect(
    provider?.refresh({ ...made, refreshToken: 't', subject: 'alice', scope: null }),
  ).rejects.toMatchObject(refused)
  const target = { resource: 'https://orders.internal' }
  await expect(
    provider?.apiToken({ ...made, refreshToken: 't', subject: 'alice', scope: null, target }),
  ).rejects.toMatchObject(refused)
  const end = { idToken: null, postLogoutRedirectUri: '', state: null, subject: 'alice' }
  await expect(provider?.endSessionUrl({ ...made, ...end })).rejects.toMatchObject(refused)
  expect([other.revoked, other.calls]).toEqual([[], []])
})
