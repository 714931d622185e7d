import type { Address } from './ethereum.ts'
import { generateNonce } from './messages/nonce.ts'
import type { Settings } from './options.ts'
import type { ChallengeClaims } from './tokens/claims.ts'
import type { Denylist } from './tokens/denylist.ts'
import { secondsOf, type TokenFlaw, type Tokens } from './tokens/tokens.ts'

export interface NewChallenge {
  /** Who is going to sign; `null` when that is not known yet. */
  readonly address: Address | null
  readonly chainId: number
  /** What binds the challenge to one browser; `null` where there is none. */
  readonly browser: string | null
}

/**
 * Questions to wallets: each is signed by us, and serves one answer.
 *
 * The store learns of a challenge when it is answered: whoever only asks for challenges fills no memory.
 */
export interface Challenges {
  /** @throws BffError `store_unavailable`: nobody is asked to sign what could not be accepted */
  create(challenge: NewChallenge): Promise<string>
  /** The claims of a challenge of ours, or what is wrong with it. Uses nothing up. */
  verify(token: string): Promise<ChallengeClaims | TokenFlaw>
  /** Whether `browser` is the one the challenge was made for. */
  isFor(challenge: ChallengeClaims, browser: string | null): Promise<boolean>
  /**
   * Uses the challenge up; of any number of callers exactly one gets `true` (WAL-02).
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

/** Both sides of the comparison are hashes: how long it takes tells nothing of what was hashed. */
async function bindingOf(jti: string, browser: string): Promise<string> {
  const bytes = new TextEncoder().encode(`${jti}.${browser}`)
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))
  return [...hash].map((byte) => byte.toString(16).padStart(2, '0')).join('')
}
