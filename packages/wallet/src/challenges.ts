import type { Address } from './ethereum.ts'
import { generateNonce } from './messages/nonce.ts'
import type { Settings } from './options.ts'
import type { ChallengeClaims } from './tokens/claims.ts'
import type { Denylist } from './tokens/denylist.ts'
import { secondsOf, type TokenFlaw, type Tokens } from './tokens/tokens.ts'

export interface NewChallenge {
  /** The address that will sign; `null` when it is not known yet. */
  readonly address: Address | null
  readonly chainId: number
  /** The id of the browser to which the challenge is bound; `null` when it is not bound. */
  readonly browser: string | null
}

/**
 * Challenges for wallets. The BFF signs each, and accepts one answer to it.
 *
 * The store records a challenge only when it is answered, so that requests for challenges use no memory.
 */
export interface Challenges {
  /**
   * @throws BffError `store_unavailable` when the store does not answer: a challenge that could not be accepted is not made
   */
  create(challenge: NewChallenge): Promise<string>
  /** Returns the claims of a challenge, or why it is refused. It does not use the challenge. */
  verify(token: string): Promise<ChallengeClaims | TokenFlaw>
  /** Returns whether the challenge was made for `browser`. */
  isFor(challenge: ChallengeClaims, browser: string | null): Promise<boolean>
  /**
   * Uses the challenge; of concurrent callers exactly one gets `true` (WAL-02).
   *
   * @throws BffError `store_unavailable`
   */
  take(challenge: ChallengeClaims): Promise<boolean>
}

export interface ChallengesDependencies {
  readonly tokens: Tokens
  readonly denylist: Denylist
  readonly now: () => number
  readonly settings: Settings
}

export function createChallenges({ tokens, denylist, now, settings }: ChallengesDependencies): Challenges {
  const { domain, uri, statement, challengeLifeMs, clockToleranceMs } = settings
  return {
    async create({ address, chainId, browser }) {
      const jti = crypto.randomUUID()
      // Throws when the store is away.
      await denylist.denies(jti)
      return tokens.issue('challenge', {
        sub: address ?? '',
        jti,
        exp: secondsOf(now() + challengeLifeMs),
        nonce: generateNonce(),
        domain,
        uri,
        statement,
        chain_id: chainId,
        ...(browser !== null && { binding: await bindingOf(jti, browser) }),
      })
    },

    verify: (token) => tokens.verify('challenge', token),

    async isFor({ jti, binding }, browser) {
      if (binding === undefined) return true
      return browser !== null && (await bindingOf(jti, browser)) === binding
    },

    // An instance whose clock is behind ours takes it for that much longer.
    take: ({ jti, exp }) => denylist.deny(jti, exp + clockToleranceMs / 1000),
  }
}

/** Both sides of the comparison are hashes, so its duration reveals nothing of the values. */
async function bindingOf(jti: string, browser: string): Promise<string> {
  const bytes = new TextEncoder().encode(`${jti}.${browser}`)
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))
  return [...hash].map((byte) => byte.toString(16).padStart(2, '0')).join('')
}
