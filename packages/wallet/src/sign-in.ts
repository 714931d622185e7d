import type { Emit, TtlStore } from '@bff/core'
import { userIdOf } from './address.ts'
import type { Challenges } from './challenges.ts'
import type { Address, Hex } from './ethereum.ts'
import { signableHashes } from './messages/signable.ts'
import type { Settings } from './options.ts'
import type { ContractWallets } from './signature/contract.ts'
import { verifySignature } from './signature/verify.ts'
import type { ChallengeClaims, RefreshClaims } from './tokens/claims.ts'
import type { Families, Holder, TokenPair } from './tokens/families.ts'

export interface Answer {
  readonly address: Address
  readonly signature: Hex
  readonly browser: string | null
}

/** Issues tokens for an answered challenge, and refreshes them. */
export interface SignIn {
  /**
   * Returns the first tokens of a new family; `null` when the answer is not valid. A wrong answer uses the challenge too
   * (WAL-03), but an answer from another browser does not.
   *
   * @throws BffError `store_unavailable`, `provider_unavailable`, `provider_misconfigured`
   */
  complete(challenge: ChallengeClaims, answer: Answer, holder: Holder): Promise<TokenPair | null>
  /**
   * Returns the next tokens of a family; `null` when the family has ended, or its contract wallet no longer confirms the
   * sign-in. It uses the refresh token last, when nothing else can fail.
   *
   * @throws BffError `store_unavailable`, `provider_unavailable`, `provider_misconfigured`
   */
  refresh(claims: RefreshClaims, client: string): Promise<TokenPair | null>
}

export interface SignInDependencies {
  readonly challenges: Challenges
  readonly families: Families
  readonly contracts: ContractWallets | null
  readonly ttl: TtlStore
  readonly now: () => number
  readonly emit: Emit
  readonly settings: Settings
}

/** The message that a contract wallet confirmed; it is asked again at every refresh (WAL-11). It has no value for others. */
interface Proof {
  readonly hash: Hex
  readonly signature: Hex
}

const proofKey = (familyId: string) => `wallet:proof:${familyId}`

export function createSignIn(dependencies: SignInDependencies): SignIn {
  const { challenges, families, contracts, ttl, now, emit, settings } = dependencies

  const refused = (reason: string): null => {
    emit({ type: 'wallet.refused', reason })
    return null
  }

  async function vouches({ sid, sub }: RefreshClaims): Promise<boolean> {
    const stored = await ttl.get(proofKey(sid))
    if (stored === null || contracts === null) return false
    const { hash, signature } = JSON.parse(stored) as Proof
    return (await contracts.check(sub as Address, hash, signature)) === 'valid'
  }

  return {
    async complete(challenge, { address, signature, browser }, holder) {
      if (!(await challenges.isFor(challenge, browser))) return refused('other_browser')
      if (!(await challenges.take(challenge))) return refused('challenge_used')
      if (challenge.sub !== '' && challenge.sub !== address) return refused('other_address')
      const hashes = signableHashes(challenge, address, settings)
      const chainId = challenge.chain_id
      const verified = await verifySignature({ address, chainId, hashes, signature }, contracts)
      if (verified === null) return refused('signature')
      const pair = await families.begin(address, verified.kind, holder)
      if (verified.kind === 'contract') {
        const proof: Proof = { hash: verified.hash, signature }
        await ttl.set(proofKey(pair.familyId), JSON.stringify(proof), settings.familyLifeMs)
      }
      emit({ type: 'wallet.signed_in', userId: userIdOf(address), wallet: verified.kind })
      return pair
    },

    async refresh(claims, client) {
      if (now() >= claims.family_exp * 1000 || (await families.isOver(claims))) return null
      if (claims.wallet === 'contract' && !(await vouches(claims))) {
        await families.revoke(claims, 'wallet_refused')
        return null
      }
      return families.rotate(claims, client)
    },
  }
}
