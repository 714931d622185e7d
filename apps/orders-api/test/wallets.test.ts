import { expect, it, onTestFinished } from 'vitest'
import { startOrdersApi } from '../src/index.ts'
import { bearer, startIssuer } from './support.ts'

const NOW = Date.UTC(2026, 5, 1)
const AUDIENCE = 'session:access'

it('takes tokens of a service that signs wallets in, for that audience and by its keys only', async () => {
  const provider = await startIssuer(
    () => api.origin,
    () => NOW,
  )
  const wallets = await startIssuer(
    () => AUDIENCE,
    () => NOW,
  )
  const api = await startOrdersApi({
    issuer: provider.origin,
    now: () => NOW,
    wallets: { issuer: wallets.origin, audience: AUDIENCE, jwksUrl: `${wallets.origin}/jwks` },
  })
  onTestFinished(async () => {
    await Promise.all([api.close(), provider.close(), wallets.close()])
  })
  const orders = async (token: string) =>
    (await fetch(`${api.origin}/orders`, { headers: bearer(token) })).status

  const noScope = { scope: undefined }
  expect(await orders(await wallets.token(noScope))).toBe(200)
  expect(await orders(await provider.token())).toBe(200)
  expect(await orders(await provider.token(noScope))).toBe(403)
  expect(await orders(await wallets.token({ ...noScope, aud: api.origin }))).toBe(401)
  expect(await orders(await provider.token({ iss: wallets.origin, aud: AUDIENCE }))).toBe(401)
  expect(await orders(await wallets.token({ iss: provider.origin, aud: api.origin }))).toBe(401)
})
