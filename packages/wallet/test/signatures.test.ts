import { memoryStore } from '@bff/store-memory'
import { manualClock } from '@bff/test-support/clock'
import { secp256k1 } from '@noble/curves/secp256k1.js'
import { Wallet as EthersWallet } from 'ethers'
import { decodeJwt } from 'jose'
import { type Hex, hashMessage, hexToBytes, serializeErc6492Signature } from 'viem'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { expect, it } from 'vitest'
import { signingKeyPem } from './support/keys.ts'
import { TYPED_DATA, typedDataOf, VERIFYING_CONTRACT } from './support/typed-data.ts'
import { newAccount, outcomeOf, type SiweChanges, siweOf, world } from './support/world.ts'

const N = secp256k1.Point.Fn.ORDER

const word = (value: bigint) => value.toString(16).padStart(64, '0')

/** A signature by noble, in the 65 bytes of Ethereum. */
function signWithNoble(key: Hex, message: string): Hex {
  const digest = hexToBytes(hashMessage(message))
  const bytes = secp256k1.sign(digest, hexToBytes(key), { prehash: false, format: 'recovered' })
  const [recovery = 0, ...compact] = bytes
  return `0x${Buffer.from(compact).toString('hex')}${(27 + recovery).toString(16)}`
}

it('accepts EIP-4361 messages signed by viem, ethers and noble, with v 27/28 and 0/1 [WAL-01]', async () => {
  const { challenge, post } = await world()
  for (let round = 0; round < 8; round++) {
    const key = generatePrivateKey()
    const account = privateKeyToAccount(key)
    const signers: Readonly<Record<string, (message: string) => Promise<string>>> = {
      viem: (message) => account.signMessage({ message }),
      ethers: (message) => new EthersWallet(key).signMessage(message),
      noble: async (message) => signWithNoble(key, message),
      'v of 0 or 1': async (message) => {
        const signature = await account.signMessage({ message })
        return signature.slice(0, -2) + (signature.endsWith('1b') ? '00' : '01')
      },
      'capital letters': async (message) =>
        `0x${(await account.signMessage({ message })).slice(2).toUpperCase()}`,
    }
    for (const [name, sign] of Object.entries(signers)) {
      const token = await challenge()
      const signature = await sign(siweOf(token, account.address))
      const reply = await post('/auth/login', { challenge: token, signature, address: account.address })
      expect(outcomeOf(reply), name).toBe('200')
    }
  }
})

it('accepts EIP-712 NonceMessage signatures by viem and ethers where the app has a domain [S4-17, WAL-09]', async () => {
  const { challenge, post } = await world({ typedData: TYPED_DATA })
  const key = generatePrivateKey()
  const account = privateKeyToAccount(key)
  const signers = {
    viem: (document: ReturnType<typeof typedDataOf>) =>
      account.signTypedData({ ...document, primaryType: 'NonceMessage' }),
    ethers: ({ domain, types, message }: ReturnType<typeof typedDataOf>) =>
      new EthersWallet(key).signTypedData(
        domain,
        { NonceMessage: types.NonceMessage.map((field) => ({ ...field })) },
        message,
      ),
  }
  for (const [name, sign] of Object.entries(signers))
    for (const encoding of ['base64url', 'utf8'] as const) {
      const token = await challenge()
      const signature = await sign(typedDataOf(token, encoding))
      const body = { challenge: token, signature, address: account.address }
      expect(outcomeOf(await post('/auth/login', body)), `${name} ${encoding}`).toBe('200')
    }
})

it('refuses the letters of another nonce in nonceBytes', async () => {
  const { challenge, post } = await world({ typedData: TYPED_DATA })
  const account = newAccount()
  const [token, other] = [await challenge(), await challenge()]
  const document = typedDataOf(token)
  const { nonceBytes } = typedDataOf(other, 'utf8').message
  const message = { ...document.message, nonceBytes }
  const signature = await account.signTypedData({ ...document, primaryType: 'NonceMessage', message })
  const body = { challenge: token, signature, address: account.address }
  expect(outcomeOf(await post('/auth/login', body))).toBe('401 invalid challenge or signature')
})

it('takes an address in capital letters, which has no checksum, and refuses a wrong one [WAL-07]', async () => {
  const { challenge, post } = await world()
  const account = newAccount()
  const digits = account.address.slice(2)
  const swapped = digits.replace(/[a-f]/i, (char) =>
    char === char.toLowerCase() ? char.toUpperCase() : char.toLowerCase(),
  )
  for (const [address, expected] of [
    [`0x${digits.toUpperCase()}`, '200'],
    [`0X${digits.toUpperCase()}`, '200'],
    [`0x${digits.toLowerCase()}`, '200'],
    [account.address, '200'],
    [`0x${swapped}`, '400 invalid request'],
  ] as const) {
    const token = await challenge()
    const signature = await account.signMessage({ message: siweOf(token, account.address) })
    expect(outcomeOf(await post('/auth/login', { challenge: token, signature, address })), address).toBe(
      expected,
    )
  }
})

it('refuses typed data of another domain, field or nonce, and any where the app has no domain [S4-17]', async () => {
  const account = newAccount()
  const attempt = async (
    options: { typedData?: typeof TYPED_DATA },
    change: (document: ReturnType<typeof typedDataOf>, otherNonce: string) => object,
  ) => {
    const { challenge, post } = await world(options)
    const [token, other] = [await challenge(), await challenge()]
    const document = typedDataOf(token)
    const changed = {
      ...document,
      primaryType: 'NonceMessage',
      ...change(document, typedDataOf(other).message.nonceString),
    }
    const signature = await account.signTypedData(changed as Parameters<typeof account.signTypedData>[0])
    return outcomeOf(await post('/auth/login', { challenge: token, signature, address: account.address }))
  }
  const refused = '401 invalid challenge or signature'
  const enabled = { typedData: TYPED_DATA }
  expect(await attempt(enabled, () => ({}))).toBe('200')
  expect(await attempt({}, () => ({}))).toBe(refused)
  expect(await attempt(enabled, ({ domain }) => ({ domain: { ...domain, name: 'Evil' } }))).toBe(refused)
  expect(await attempt(enabled, ({ domain }) => ({ domain: { ...domain, version: '2' } }))).toBe(refused)
  expect(await attempt(enabled, ({ domain }) => ({ domain: { ...domain, chainId: 5 } }))).toBe(refused)
  const other = newAccount().address
  expect(await attempt(enabled, ({ domain }) => ({ domain: { ...domain, verifyingContract: other } }))).toBe(
    refused,
  )
  const oneField = { NonceMessage: [{ name: 'nonceString', type: 'string' }] }
  expect(await attempt(enabled, () => ({ types: oneField }))).toBe(refused)
  expect(
    await attempt(enabled, ({ message }, nonceString) => ({ message: { ...message, nonceString } })),
  ).toBe(refused)
  expect(await attempt(enabled, ({ message }) => ({ message: { ...message, nonceBytes: '0x00' } }))).toBe(
    refused,
  )
})

const MESSAGES: Readonly<Record<string, SiweChanges>> = {
  'another domain': { domain: 'evil.example.com' },
  'another port': { domain: 'app.example.com:8443' },
  'another URI': { uri: 'https://evil.example.com/' },
  'another chain': { chainId: 10 },
  'another nonce': { nonce: '0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef' },
  'another statement': { statement: 'Give me all your coins.' },
  'another request id': { requestId: 'another' },
  'another time': { issuedAt: new Date(0) },
  'a longer life': { expirationTime: new Date(Date.UTC(2040, 0, 1)) },
}

it.each(Object.entries(MESSAGES))('refuses a message with %s [WAL-04, WAL-05]', async (_name, changes) => {
  const { challenge, post } = await world({ chainIds: [1, 10] })
  const account = newAccount()
  const token = await challenge()
  const signature = await account.signMessage({ message: siweOf(token, account.address, changes) })
  const reply = await post('/auth/login', { challenge: token, signature, address: account.address })
  expect(outcomeOf(reply)).toBe('401 invalid challenge or signature')
})

const SIGNATURES: Readonly<Record<string, (signature: Hex) => string>> = {
  'a high s': (signature) => {
    const s = N - BigInt(`0x${signature.slice(66, 130)}`)
    return `${signature.slice(0, 66)}${word(s)}${signature.endsWith('1b') ? '1c' : '1b'}`
  },
  '64 bytes': (signature) => signature.slice(0, 130),
  '64 bytes as EIP-2098 packs them': (signature) => {
    const parity = signature.endsWith('1c') ? 1n << 255n : 0n
    return `${signature.slice(0, 66)}${word(BigInt(`0x${signature.slice(66, 130)}`) | parity)}`
  },
  '66 bytes': (signature) => `${signature}00`,
  'all zero': () => `0x${'00'.repeat(65)}`,
  'r of zero': (signature) => `0x${word(0n)}${signature.slice(66)}`,
  's of zero': (signature) => `${signature.slice(0, 66)}${word(0n)}${signature.slice(130)}`,
  'r of n': (signature) => `0x${word(N)}${signature.slice(66)}`,
  'r above the field': (signature) => `0x${'ff'.repeat(32)}${signature.slice(66)}`,
  'r on no point': (signature) => `0x${word(5n)}${signature.slice(66)}`,
  'v of 2': (signature) => `${signature.slice(0, 130)}02`,
  'v of 29': (signature) => `${signature.slice(0, 130)}1d`,
  'v of EIP-155': (signature) => `${signature.slice(0, 130)}25`,
  'the other v': (signature) => `${signature.slice(0, 130)}${signature.endsWith('1b') ? '1c' : '1b'}`,
  'one byte': () => '0x1b',
  'an ERC-6492 wrapper': (signature) =>
    serializeErc6492Signature({ address: VERIFYING_CONTRACT, data: '0x', signature }),
}

it.each(Object.entries(SIGNATURES))(
  'refuses %s, and the challenge is used up [WAL-03, WAL-08]',
  async (_name, spoil) => {
    const { challenge, post, events } = await world()
    const account = newAccount()
    const token = await challenge()
    const signature = await account.signMessage({ message: siweOf(token, account.address) })
    const body = { challenge: token, address: account.address }
    const refused = '401 invalid challenge or signature'
    expect(outcomeOf(await post('/auth/login', { ...body, signature: spoil(signature) }))).toBe(refused)
    expect(events.at(-1)).toMatchObject({ type: 'wallet.refused', reason: 'signature' })
    expect(outcomeOf(await post('/auth/login', { ...body, signature }))).toBe(refused)
    expect(events.at(-1)).toMatchObject({ type: 'wallet.refused', reason: 'challenge_used' })
  },
)

it('refuses the signature of another wallet, in either name', async () => {
  const { challenge, post } = await world()
  const [mine, theirs] = [newAccount(), newAccount()]
  for (const [signer, named, address] of [
    [mine, theirs, theirs],
    [mine, mine, theirs],
    [mine, theirs, mine],
  ] as const) {
    const token = await challenge()
    const signature = await signer.signMessage({ message: siweOf(token, named.address) })
    const reply = await post('/auth/login', { challenge: token, signature, address: address.address })
    expect(outcomeOf(reply)).toBe('401 invalid challenge or signature')
  }
})

it('a challenge that names an address serves no other [WAL-02]', async () => {
  const { challenge, post } = await world()
  const [mine, theirs] = [newAccount(), newAccount()]
  const token = await challenge({ address: theirs.address })
  const signature = await mine.signMessage({ message: siweOf(token, mine.address) })
  const reply = await post('/auth/login', { challenge: token, signature, address: mine.address })
  expect(outcomeOf(reply)).toBe('401 invalid challenge or signature')
})

it('refuses a challenge that is over, was answered, or is not ours [WAL-02, WAL-06]', async () => {
  const [{ challenge, post, clock }, other] = [
    await world(),
    await world({ issuer: 'https://other.example.com' }),
  ]
  const account = newAccount()
  const answer = async (token: string) => {
    const signature = await account.signMessage({ message: siweOf(token, account.address) })
    return { challenge: token, signature, address: account.address }
  }
  const used = await answer(await challenge())
  expect(outcomeOf(await post('/auth/login', used))).toBe('200')
  expect(outcomeOf(await post('/auth/login', used))).toBe('401 invalid challenge or signature')
  expect(outcomeOf(await post('/auth/login', await answer(await other.challenge())))).toBe(
    '400 invalid challenge token',
  )
  const late = await answer(await challenge())
  clock.jump(305_000)
  expect(outcomeOf(await post('/auth/login', late))).toBe('400 invalid challenge token')
})

it('of 100 answers to one challenge at once, one is good [WAL-02]', async () => {
  const { challenge, post } = await world()
  const account = newAccount()
  const token = await challenge()
  const signature = await account.signMessage({ message: siweOf(token, account.address) })
  const body = { challenge: token, signature, address: account.address }
  const replies = await Promise.all(Array.from({ length: 100 }, () => post('/auth/login', body)))
  expect(replies.filter(({ status }) => status === 200)).toHaveLength(1)
  expect(replies.filter(({ status }) => status === 401)).toHaveLength(99)
})

it('a flood of challenges leaves nothing in the store, which holds what was answered until nobody takes it any more', async () => {
  const clock = manualClock()
  const store = memoryStore({ clock, maxEntries: 10 })
  const { challenge, post } = await world({ clock, bff: { store } })
  const account = newAccount()
  const answer = async (token: string) => {
    const signature = await account.signMessage({ message: siweOf(token, account.address) })
    return post('/auth/login', { challenge: token, signature, address: account.address })
  }
  const first = await challenge()
  for (let count = 0; count < 1_000; count++) await challenge()
  expect(outcomeOf(await answer(first))).toBe('200')
  const { jti = '' } = decodeJwt(first)
  // Clocks of two instances may be the tolerance apart, and each takes it for the tolerance longer than it lives.
  clock.jump(300_000 + 2 * 5_000 - 1)
  expect(await store.ttl.get(`revoked:${jti}`)).toBe('revoked')
  clock.jump(1)
  expect(await store.ttl.get(`revoked:${jti}`)).toBe(null)
})

it('a challenge answered at one instance is used up at another whose clock is behind', async () => {
  const clock = manualClock()
  const late = manualClock(clock.now() - 4_000)
  const store = memoryStore({ clock })
  const keys = [await signingKeyPem()]
  const [here, there] = [
    await world({ clock, keys, bff: { store } }),
    await world({ clock: late, keys, bff: { store } }),
  ]
  const account = newAccount()
  const token = await here.challenge()
  const signature = await account.signMessage({ message: siweOf(token, account.address) })
  const body = { challenge: token, signature, address: account.address }
  expect(outcomeOf(await here.post('/auth/login', body))).toBe('200')
  clock.jump(305_000)
  late.jump(305_000)
  expect(outcomeOf(await there.post('/auth/login', body))).toBe('401 invalid challenge or signature')
})
