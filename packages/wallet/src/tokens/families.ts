import { type Clock, type Emit, type Encryptor, isBffError } from '@bff/core'
import { userIdOf } from '../address.ts'
import type { Address } from '../ethereum.ts'
import type { Settings } from '../options.ts'
import type { RefreshClaims } from './claims.ts'
import type { Denylist } from './denylist.ts'
import type { FamilyState } from './family-state.ts'
import { secondsOf, type Tokens } from './tokens.ts'

/** An access token and its refresh token, which are revoked together. Times are epoch seconds. */
export interface TokenPair {
  readonly accessToken: string
  readonly accessExpiresAt: number
  readonly refreshToken: string
  readonly refreshExpiresAt: number
  /** The id of the family: all tokens of one sign-in. */
  readonly familyId: string
}

export type Holder = RefreshClaims['holder']

/** Manages families of tokens: each sign-in begins one, each refresh continues it, and it ends as a whole. */
export interface Families {
  begin(address: Address, wallet: RefreshClaims['wallet'], holder: Holder): Promise<TokenPair>
  /** Returns whether the family of a verified refresh token has ended, or is unknown to the store. */
  isOver(claims: RefreshClaims): Promise<boolean>
  /**
   * Exchanges a refresh token for its one successor (RFC 9700 §4.14.2, JWT-05). When the token was already used, it revokes
   * the family and returns `null`; the same client within the grace gets the same successor instead (JWT-06).
   *
   * @param client a value that distinguishes clients
   */
  rotate(claims: RefreshClaims, client: string): Promise<TokenPair | null>
  /** Revokes the family for a reason of the BFF. */
  revoke(claims: RefreshClaims, reason: 'reuse' | 'wallet_refused'): Promise<void>
  /** Ends the family because the user signed out. Returns `false` when it had already ended. */
  end(claims: RefreshClaims): Promise<boolean>
}

export interface FamiliesDependencies {
  readonly tokens: Tokens
  readonly denylist: Denylist
  readonly state: FamilyState
  readonly encryptor: Encryptor
  readonly clock: Clock
  readonly emit: Emit
  readonly settings: Settings
}

/** The sealed data for a repeated refresh. */
interface Successor {
  readonly refreshToken: string
  readonly claims: Pick<RefreshClaims, 'jti' | 'exp'>
  readonly client: string
  /** Epoch milliseconds. */
  readonly at: number
}

/** The claims that all refresh tokens of a family share. */
type Line = Pick<RefreshClaims, 'sub' | 'sid' | 'family_exp' | 'holder' | 'wallet'>

export function createFamilies(dependencies: FamiliesDependencies): Families {
  const { tokens, denylist, state, encryptor, clock, emit, settings } = dependencies
  const sealContext = ({ jti }: Pick<RefreshClaims, 'jti'>) => ({ recordId: jti, field: 'wallet_successor' })

  async function issueRefresh(line: Line) {
    const exp = Math.min(secondsOf(clock.now() + settings.refreshTokenLifeMs), line.family_exp)
    const jti = crypto.randomUUID()
    return { jti, exp, refreshToken: await tokens.issue('refresh', { ...line, jti, exp }) }
  }

  async function pairOf(
    { sub, sid, family_exp }: Line,
    { jti: rid, exp, refreshToken }: { jti: string; exp: number; refreshToken: string },
  ): Promise<TokenPair> {
    const accessExpiresAt = Math.min(secondsOf(clock.now() + settings.accessTokenLifeMs), family_exp)
    const claims = { sub, sid, rid, jti: crypto.randomUUID(), exp: accessExpiresAt }
    const accessToken = await tokens.issue('access', claims)
    return { accessToken, accessExpiresAt, refreshToken, refreshExpiresAt: exp, familyId: sid }
  }

  /**
   * The BFF keeps its tokens sealed, and repeats a refresh after a lost response, at any later time: that must not end the
   * session.
   */
  const graceOf = (holder: Holder) => (holder === 'bff' ? Number.POSITIVE_INFINITY : settings.reuseGraceMs)

  async function repeated(claims: RefreshClaims, client: string): Promise<TokenPair | null> {
    const grace = graceOf(claims.holder)
    const note = grace > 0 ? await denylist.noteOf(claims.jti) : null
    if (note === null) return null
    const successor = await openSuccessor(claims, note)
    if (successor === null || successor.client !== client || clock.now() - successor.at > grace) return null
    return pairOf(claims, { ...successor.claims, refreshToken: successor.refreshToken })
  }

  function sealSuccessor(
    claims: RefreshClaims,
    { refreshToken, jti, exp }: { refreshToken: string; jti: string; exp: number },
    client: string,
  ): Promise<string> {
    const successor: Successor = { refreshToken, claims: { jti, exp }, client, at: clock.now() }
    return encryptor.encryptString(JSON.stringify(successor), sealContext(claims))
  }

  async function openSuccessor(claims: RefreshClaims, note: string): Promise<Successor | null> {
    try {
      return JSON.parse(await encryptor.decryptString(note, sealContext(claims)))
    } catch (error) {
      if (isBffError(error, 'seal_broken')) return null
      throw error
    }
  }

  /** Ends the family and returns whether it was active. A repeated call after a partial failure completes it. */
  async function endFamily(sid: string, family_exp: number): Promise<boolean> {
    const isFirst = await denylist.deny(sid, family_exp)
    await state.end(sid, family_exp)
    return isFirst
  }

  async function revoke({ sub, sid, jti, family_exp }: RefreshClaims, reason: 'reuse' | 'wallet_refused') {
    if (!(await endFamily(sid, family_exp))) return
    emit({ type: 'wallet.family_revoked', userId: userIdOf(sub), reason, severity: 'warning' })
    emit({ type: 'auth.logout', by: 'wallet', user_address: sub, token_id: jti })
  }

  return {
    async begin(address, wallet, holder) {
      const family_exp = secondsOf(clock.now() + settings.familyLifeMs)
      const line = { sub: address, sid: crypto.randomUUID(), family_exp, holder, wallet }
      const pair = await pairOf(line, await issueRefresh(line))
      await state.begin(line.sid, family_exp)
      return pair
    },

    isOver: async ({ sid }) => !(await state.lives(sid)),

    async rotate(claims, client) {
      const { jti, exp, sub, sid, family_exp, holder, wallet } = claims
      const line = { sub, sid, family_exp, holder, wallet }
      // Made first: the one write that denies the old token and names its successor decides.
      const next = await issueRefresh(line)
      const pair = await pairOf(line, next)
      const note = graceOf(holder) > 0 ? await sealSuccessor(claims, next, client) : undefined
      if (await denylist.deny(jti, exp, note)) return pair
      const same = await repeated(claims, client)
      if (same === null) await revoke(claims, 'reuse')
      return same
    },

    revoke,

    async end({ sub, sid, jti, exp, family_exp }) {
      await denylist.deny(jti, exp)
      if (!(await endFamily(sid, family_exp))) return false
      emit({ type: 'auth.logout', by: 'wallet', user_address: sub, token_id: jti })
      return true
    },
  }
}
