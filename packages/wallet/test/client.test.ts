import type { Bff } from '@bff/core'
import { Wallet as EthersWallet } from 'ethers'
import { decodeJwt } from 'jose'
import { hexToString } from 'viem'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { expect, it, vi } from 'vitest'
import {
  challengeMessage,
  type EthereumProvider,
  signIn,
  walletClient,
  walletPage,
} from '../src/client/index.ts'
import { wallet } from '../src/index.ts'
import { signingKeyPem } from './support/keys.ts'
import { newAccount, ORIGIN, siweOf, world } from './support/world.ts'

const fetchOf =
  (bff: Bff): typeof fetch =>
  (input, init) =>
    bff.fetch(new Request(input, init))

/** A server that sends nothing, or a response whose body never comes. */
async function silence(response: Response | null, signal: AbortSignal | null | undefined): Promise<Response> {
  const aborted = new Promise<never>((_, reject) => {
    signal?.addEventListener('abort', () => reject(signal.reason))
  })
  if (response === null) return aborted
  return Object.assign(response, { json: () => aborted })
}

/** A wallet with one account, whose address it writes in lower case as most do. */
function walletOf(key = generatePrivateKey()) {
  const account = privateKeyToAccount(key)
  const shown: string[] = []
  const ethereum: EthereumProvider = {
    async request({ method, params = [] }) {
      if (method === 'eth_requestAccounts') return [account.address.toLowerCase()]
      if (method !== 'personal_sign') throw new Error(method)
      const [message] = params
      if (typeof message !== 'string' || !message.startsWith('0x')) throw new Error('not hex')
      shown.push(hexToString(message as `0x${string}`))
      return new EthersWallet(key).signMessage(shown.at(-1) ?? '')
    },
  }
  return { account, ethereum, shown }
}

it('builds the very message viem builds of a challenge [WAL-04]', async () => {
  for (const options of [
    {},
    { statement: 'I accept the terms: https://app.example.com/terms' },
    { uri: `${ORIGIN}/x` },
  ]) {
    const { challenge } = await world({ ...options, chainIds: [137, 1] })
    for (const chain_id of [137, 1]) {
      const { address } = newAccount()
      const token = await challenge({ address, chain_id })
      expect(challengeMessage(token)).toBe(siweOf(token, address))
    }
  }
  const { challenge } = await world()
  const nameless = await challenge()
  expect(() => challengeMessage(nameless)).toThrow(TypeError)
})

it('challenges, logs in, refreshes and logs out [S4-24]', async () => {
  const { bff } = await world()
  const client = walletClient({ url: ORIGIN, fetch: fetchOf(bff) })
  const { account, ethereum, shown } = walletOf()
  const first = await signIn(ethereum, client)
  expect(decodeJwt(first.accessToken).sub).toBe(account.address)
  expect(shown[0]).toContain(`app.example.com wants you to sign in`)
  const second = await client.refresh(first.refreshToken)
  expect(second.refreshToken).not.toBe(first.refreshToken)
  await client.logout(second.refreshToken, second.accessToken)
  await expect(client.refresh(second.refreshToken)).rejects.toMatchObject({
    name: 'WalletClientError',
    status: 401,
    code: 'invalid or expired refresh token',
  })
})

it('signs a page in behind its cookie', async () => {
  const ethereum = wallet({ keys: [await signingKeyPem()] })
  const { bff } = await world({ bff: { plugins: [ethereum], provider: ethereum.provider() } })
  const cookies = new Map<string, string>()
  const browserFetch: typeof fetch = async (input, init) => {
    const request = new Request(input, init)
    request.headers.set('origin', ORIGIN)
    request.headers.set('cookie', [...cookies].map((pair) => pair.join('=')).join('; '))
    const response = await bff.fetch(request)
    for (const line of response.headers.getSetCookie()) {
      const [name = '', value = ''] = (line.split(';')[0] ?? '').split('=')
      if (line.includes('Max-Age=0')) cookies.delete(name)
      else cookies.set(name, value)
    }
    return response
  }
  const page = walletPage({ url: ORIGIN, fetch: browserFetch })
  const person = walletOf()
  expect(await signIn(person.ethereum, page)).toEqual({ address: person.account.address })
  expect(cookies.size).toBe(1)
  await page.refresh()
  await page.logout()
  expect(cookies.size).toBe(0)
  await expect(page.refresh()).rejects.toMatchObject({ status: 401, code: 'no_session' })
})

it('tells an outage, a refusal in the wallet, and a wallet without accounts apart', async () => {
  const down = walletClient({ url: ORIGIN, fetch: () => Promise.reject(new TypeError('refused')) })
  await expect(down.challenge()).rejects.toMatchObject({ status: 0, code: 'unreachable' })

  for (const response of [null, new Response(new ReadableStream())]) {
    const limit = new AbortController()
    const timeout = vi.spyOn(AbortSignal, 'timeout').mockReturnValueOnce(limit.signal)
    const silent = walletClient({
      url: ORIGIN,
      fetch: (_url, init) => silence(response, init?.signal),
    })
    const failed = expect(silent.challenge()).rejects.toMatchObject({ status: 0, code: 'unreachable' })
    expect(timeout).toHaveBeenLastCalledWith(30_000)
    limit.abort()
    await failed
  }
  const busy = walletClient({
    url: ORIGIN,
    fetch: async () => new Response('<h1>', { status: 503, headers: { 'retry-after': '7' } }),
  })
  await expect(busy.refresh('x')).rejects.toMatchObject({ status: 503, code: 'http_503', retryAfter: 7 })
  const { bff } = await world()
  const client = walletClient({ url: ORIGIN, fetch: fetchOf(bff) })
  const refusal = Object.assign(new Error('no'), { code: 4001 })
  await expect(signIn({ request: () => Promise.reject(refusal) }, client)).rejects.toBe(refusal)
  await expect(signIn({ request: async () => [] }, client)).rejects.toThrow('no account')
  await expect(signIn(walletOf().ethereum, client, { chainId: 5 })).rejects.toMatchObject({
    status: 400,
    code: 'invalid request',
  })
})
