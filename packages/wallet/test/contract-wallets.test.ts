import { manualClock } from '@bff/test-support/clock'
import { decodeJwt } from 'jose'
import {
  type Address,
  concatHex,
  encodeDeployData,
  encodeFunctionData,
  getAddress,
  getContractAddress,
  type Hex,
  hashMessage,
  keccak256,
  serializeErc6492Signature,
  toHex,
} from 'viem'
import type { PrivateKeyAccount } from 'viem/accounts'
import { afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import { type Chain, startChain } from './support/chain.ts'
import { compileContracts } from './support/contracts.ts'
import { bearer, jsonOf, newAccount, outcomeOf, siweOf, type WorldOptions, world } from './support/world.ts'

const REFUSED = '401 invalid challenge or signature'
const MAGIC = `0x1626ba7e${'00'.repeat(28)}` as const

let contracts: ReturnType<typeof compileContracts>
let chain: Chain
beforeAll(() => {
  contracts = compileContracts()
})
beforeEach(async () => {
  chain = await startChain()
})
afterEach(() => chain.close())

const contractWorld = (options: WorldOptions = {}) =>
  world({ contractWallets: { rpcUrl: chain.url }, ...options })

const deployWallet = (owner: Address) =>
  chain.deploy(encodeDeployData({ ...contracts.OwnedWallet, args: [owner] }))

const setOwner = (wallet: Address, owner: Address) =>
  chain.send(
    wallet,
    encodeFunctionData({ ...contracts.OwnedWallet, functionName: 'setOwner', args: [owner] }),
  )

/** Signs in as a contract; `wrap` makes of the owner's signature what the contract takes. */
async function signInAs(
  { challenge, post }: Pick<Awaited<ReturnType<typeof world>>, 'challenge' | 'post'>,
  address: Address,
  owner: PrivateKeyAccount,
  { wrap = (signature: Hex) => signature, chainId = 1 } = {},
) {
  const token = await challenge({ chain_id: chainId })
  const signature = wrap(await owner.signMessage({ message: siweOf(token, address) }))
  return post('/auth/login', { challenge: token, signature, address })
}

/** Where the factory will deploy the wallet of an owner, and how a signature says so (ERC-6492). */
async function undeployed(owner: Address) {
  const factory = await chain.deploy(contracts.WalletFactory.bytecode)
  const salt = keccak256(toHex('salt'))
  const bytecode = encodeDeployData({ ...contracts.OwnedWallet, args: [owner] })
  const address = getContractAddress({ opcode: 'CREATE2', from: factory, salt, bytecode })
  const data = encodeFunctionData({
    ...contracts.WalletFactory,
    functionName: 'deploy',
    args: [owner, salt],
  })
  const wrap = (signature: Hex) => serializeErc6492Signature({ address: factory, data, signature })
  return { factory, address, data, wrap }
}

it('signs in a deployed contract by ERC-1271, and by its owner only [WAL-10]', async () => {
  const at = await contractWorld()
  const [owner, stranger] = [newAccount(), newAccount()]
  const wallet = await deployWallet(owner.address)
  const reply = await signInAs(at, wallet, owner)
  expect(outcomeOf(reply)).toBe('200')
  const token = String(jsonOf(reply)['access_token'])
  expect(decodeJwt(token).sub?.toLowerCase()).toBe(wallet)
  expect((await at.send('/api/me', bearer(token))).status).toBe(200)
  expect(at.events).toContainEqual(
    expect.objectContaining({ type: 'wallet.signed_in', userId: `eip155:${wallet}`, wallet: 'contract' }),
  )
  expect(outcomeOf(await signInAs(at, wallet, stranger))).toBe(REFUSED)
  expect(outcomeOf(await signInAs(at, owner.address, stranger))).toBe(REFUSED)
  expect(outcomeOf(await signInAs(at, owner.address, owner))).toBe('200')
})

it('refuses it when its owner has changed, at sign-in and at the next refresh [WAL-11]', async () => {
  const at = await contractWorld()
  const [owner, next] = [newAccount(), newAccount()]
  const wallet = await deployWallet(owner.address)
  const first = jsonOf(await signInAs(at, wallet, owner))
  const second = await at.post('/auth/refresh', first)
  expect(second.status).toBe(200)
  await setOwner(wallet, next.address)
  expect(outcomeOf(await signInAs(at, wallet, owner))).toBe(REFUSED)
  expect(outcomeOf(await signInAs(at, wallet, next))).toBe('200')
  const pair = jsonOf(second)
  expect(outcomeOf(await at.post('/auth/refresh', pair))).toBe('401 invalid or expired refresh token')
  expect(at.events).toContainEqual(
    expect.objectContaining({ type: 'wallet.family_revoked', reason: 'wallet_refused' }),
  )
  expect((await at.send('/api/me', bearer(String(pair['access_token'])))).status).toBe(401)
})

it('signs in a wallet that is not deployed yet by ERC-6492, and after it is [WAL-10]', async () => {
  const at = await contractWorld()
  const owner = newAccount()
  const { factory, address, data, wrap } = await undeployed(owner.address)
  const reply = await signInAs(at, address, owner, { wrap })
  expect(outcomeOf(reply)).toBe('200')
  expect(outcomeOf(await signInAs(at, address, newAccount(), { wrap }))).toBe(REFUSED)
  expect(outcomeOf(await signInAs(at, newAccount().address, owner, { wrap }))).toBe(REFUSED)
  expect(outcomeOf(await signInAs(at, address, owner))).toBe(REFUSED)
  // Asking has deployed nothing.
  expect((await at.post('/auth/refresh', jsonOf(reply))).status).toBe(200)
  await chain.send(factory, data)
  expect(outcomeOf(await signInAs(at, address, owner, { wrap }))).toBe('200')
  expect(outcomeOf(await signInAs(at, address, owner))).toBe('200')
  await setOwner(address, newAccount().address)
  expect(outcomeOf(await signInAs(at, address, owner, { wrap }))).toBe(REFUSED)
})

it('signs in a contract that approved the message on chain, without a signature, as a Safe does', async () => {
  const at = await contractWorld()
  const wallet = getAddress(await chain.deploy(contracts.ApprovingWallet.bytecode))
  const approve = (hash: Hex, yes: boolean) =>
    chain.send(
      wallet,
      encodeFunctionData({ ...contracts.ApprovingWallet, functionName: 'approve', args: [hash, yes] }),
    )
  const attempt = (challenge: string, address: Address = wallet) =>
    at.post('/auth/login', { challenge, signature: '0x', address })
  const [token, other] = [await at.challenge(), await at.challenge()]
  const hash = hashMessage(siweOf(token, wallet))
  await approve(hash, true)
  const reply = await attempt(token)
  expect(outcomeOf(reply)).toBe('200')
  expect(outcomeOf(await attempt(other))).toBe(REFUSED)
  expect(outcomeOf(await attempt(await at.challenge(), newAccount().address))).toBe(REFUSED)
  const refreshed = await at.post('/auth/refresh', jsonOf(reply))
  expect(refreshed.status).toBe(200)
  await approve(hash, false)
  expect(outcomeOf(await at.post('/auth/refresh', jsonOf(refreshed)))).toBe(
    '401 invalid or expired refresh token',
  )
})

it('is off by default, and then asks nothing of any node', async () => {
  const at = await world()
  const owner = newAccount()
  const { address, wrap } = await undeployed(owner.address)
  expect(outcomeOf(await signInAs(at, address, owner, { wrap }))).toBe(REFUSED)
  expect(outcomeOf(await signInAs(at, await deployWallet(owner.address), owner))).toBe(REFUSED)
  expect(chain.asked).toEqual([])
})

it('takes exactly 32 bytes of magic for a yes [WAL-10]', async () => {
  const at = await contractWorld()
  const owner = newAccount()
  for (const [answer, expected] of [
    [MAGIC, '200'],
    ['0x1626ba7e', REFUSED],
    [concatHex([MAGIC, '0x00']), REFUSED],
    [`0x1626ba7e${'00'.repeat(27)}01`, REFUSED],
    [`0x${'00'.repeat(31)}01`, REFUSED],
    [`0x${'ff'.repeat(32)}`, REFUSED],
    ['0x', REFUSED],
  ] as const) {
    const parrot = await chain.deploy(encodeDeployData({ ...contracts.Parrot, args: [answer] }))
    expect(outcomeOf(await signInAs(at, parrot, owner)), answer).toBe(expected)
  }
})

it('a contract vouches on the chain of the node only [WAL-10]', async () => {
  const at = await contractWorld({ chainIds: [1, 10] })
  const owner = newAccount()
  const wallet = await deployWallet(owner.address)
  expect(outcomeOf(await signInAs(at, wallet, owner, { chainId: 10 }))).toBe(REFUSED)
  expect(outcomeOf(await signInAs(at, owner.address, owner, { chainId: 10 }))).toBe('200')
  expect(chain.asked).toEqual([])
  expect(outcomeOf(await signInAs(at, wallet, owner))).toBe('200')
})

it('a key signs in also where it has lent its address to a contract [EIP-7702]', async () => {
  const at = await contractWorld()
  const owner = newAccount()
  const delegate = await deployWallet(newAccount().address)
  await chain.setCode(owner.address, concatHex(['0xef0100', delegate]))
  expect(outcomeOf(await signInAs(at, owner.address, owner))).toBe('200')
  expect(outcomeOf(await signInAs(at, owner.address, newAccount()))).toBe(REFUSED)
})

it('a node that misbehaves lets nobody in, and is asked again [WAL-11]', async () => {
  const clock = manualClock()
  const at = await contractWorld({ clock })
  const owner = newAccount()
  const wallet = await deployWallet(owner.address)
  const pair = jsonOf(await signInAs(at, wallet, owner))
  for (const fault of ['huge', 'refuse', 'html', 'empty'] as const) {
    chain.fault = fault
    for (const address of [wallet, owner.address])
      expect(outcomeOf(await signInAs(at, address, owner)), fault).toBe('503 provider_unavailable')
    expect(outcomeOf(await at.post('/auth/refresh', pair)), fault).toBe('503 provider_unavailable')
  }
  chain.fault = 'hang'
  const asked = chain.asked.length
  const waiting = signInAs(at, wallet, owner)
  while (chain.asked.length === asked) await new Promise((resolve) => setImmediate(resolve))
  clock.jump(5_000)
  expect(outcomeOf(await waiting)).toBe('503 provider_unavailable')
  chain.fault = 'none'
  expect(outcomeOf(await signInAs(at, wallet, owner))).toBe('200')
  // The refresh token was not used up by any of it.
  expect((await at.post('/auth/refresh', pair)).status).toBe(200)
})

it('a node of another chain lets nobody in, until it is mended [WAL-11]', async () => {
  const at = await contractWorld()
  const owner = newAccount()
  chain.pretendedChainId = 5
  expect(outcomeOf(await signInAs(at, owner.address, owner))).toBe('503 provider_misconfigured')
  chain.pretendedChainId = 1
  expect(outcomeOf(await signInAs(at, owner.address, owner))).toBe('200')
})

it('says nothing of the node’s address, which may hold a key', async () => {
  const at = await contractWorld({ contractWallets: { rpcUrl: `${chain.url}/v2/secret-key` } })
  chain.fault = 'html'
  const owner = newAccount()
  expect(outcomeOf(await signInAs(at, owner.address, owner))).toBe('503 provider_unavailable')
  const [failure] = at.events.filter(({ type }) => type === 'request.failed')
  expect(failure).toBeDefined()
  const shown = JSON.stringify(failure, (_key, value) => (value instanceof Error ? value.stack : value))
  expect(shown).not.toContain('secret-key')
})
