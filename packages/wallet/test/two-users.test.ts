import { decodeJwt } from 'jose'
import { expect, it } from 'vitest'
import { bearer, jsonOf, newAccount, siweOf, world } from './support/world.ts'

/** How often; `WALLET_PAIRS=10000` is the full number. */
const PAIRS = Number(process.env['WALLET_PAIRS'] ?? 200)

it(`two users who sign in at the same moment never get each other's token (${PAIRS} times) [flaw 36]`, {
  timeout: 180_000 + PAIRS * 50,
}, async () => {
  const { challenge, post, send } = await world()
  const users = [newAccount(), newAccount()] as const
  for (let round = 0; round < PAIRS; round++) {
    const answers = await Promise.all(
      users.map(async (account) => {
        const token = await challenge()
        const signature = await account.signMessage({ message: siweOf(token, account.address) })
        return { challenge: token, signature, address: account.address }
      }),
    )
    const pairs = await Promise.all(answers.map(async (body) => jsonOf(await post('/auth/login', body))))
    const refreshed = await Promise.all(pairs.map(async (pair) => jsonOf(await post('/auth/refresh', pair))))
    const tokens = refreshed.map((pair) => String(pair['access_token']))
    const shown = await Promise.all(tokens.map((token) => send('/api/me', bearer(token))))
    users.forEach(({ address }, index) => {
      for (const pair of [pairs[index], refreshed[index]])
        for (const token of [pair?.['access_token'], pair?.['refresh_token']])
          expect(decodeJwt(String(token)).sub).toBe(address)
      const me = shown[index]
      expect(me && jsonOf(me)).toEqual({ address })
    })
  }
})
