import { manualClock } from '@bff/test-support/clock'
import { testOptions } from '@bff/test-support/options'
import { afterAll } from 'vitest'
import type { ContractWalletOptions } from '../../src/index.ts'
import { outcomeOf, type WorldOptions, world } from '../support/world.ts'
import { startChainOfYes, YES_CONTRACT } from '../support/yes-contract.ts'

const [first, tenth] = await Promise.all([startChainOfYes(1), startChainOfYes(10)])
afterAll(() => Promise.all([first.close(), tenth.close()]))

const REFUSED = '401 invalid challenge or signature'
/** Of a node that is asked about another chain than its own. */
const WRONG_NODE = '503 provider_misconfigured'

/** What comes of signing in as a contract of chain `chain_id`. */
async function signedIn(
  options: Partial<ContractWalletOptions>,
  { chain_id = 1, ...rest }: WorldOptions & { readonly chain_id?: number } = {},
): Promise<string> {
  const contractWallets = { rpcUrl: first.url, ...options }
  const { challenge, post } = await world({ chainIds: [1, 10], contractWallets, ...rest })
  const body = { challenge: await challenge({ chain_id }), signature: '0x00', address: YES_CONTRACT }
  return outcomeOf(await post('/auth/login', body))
}

/** The same when every answer of the node takes this long. */
function slowly(options: Partial<ContractWalletOptions>, ms: number): Promise<string> {
  const clock = manualClock()
  const slowFetch: typeof fetch = (input, init) => {
    clock.jump(ms)
    return fetch(input, init)
  }
  return signedIn({ ...options, fetch: slowFetch }, { clock })
}

testOptions<ContractWalletOptions>('ContractWalletOptions', {
  rpcUrl: {
    set: first.url,
    instead: tenth.url,
    see: (options) => signedIn(options),
    shows: [WRONG_NODE, '200'],
  },
  chainId: {
    set: 10,
    see: (options) => signedIn({ rpcUrl: tenth.url, ...options }, { chain_id: 10 }),
    shows: [REFUSED, '200'],
  },
  timeoutMs: {
    set: 1_000,
    see: (options) => Promise.all([999, 1_000].map((ms) => slowly(options, ms))),
    shows: [
      ['200', '200'],
      ['200', '503 provider_unavailable'],
    ],
  },
  fetch: {
    set: (_input, init) => fetch(first.url, init),
    see: (options) => signedIn({ rpcUrl: tenth.url, ...options }),
    shows: [WRONG_NODE, '200'],
  },
})
