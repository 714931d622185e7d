import type { Clock } from '../contracts/clock.ts'
import type { Encryptor } from '../contracts/encryptor.ts'
import type { Emit } from '../contracts/events.ts'
import type { SessionHandle, SessionRecord, SessionTokens } from '../contracts/session.ts'
import type { LogoutMarks, RevocationCause, SessionRevocation } from '../contracts/session-revocation.ts'
import type { SessionFilter, SessionStore } from '../contracts/session-store.ts'
import type { TokenRevocation } from '../contracts/token-revocation.ts'
import { openTokens } from '../session/seal.ts'

export interface SessionRevocationDependencies {
  readonly store: SessionStore
  readonly encryptor: Encryptor
  readonly tokenRevocation: TokenRevocation
  readonly marks: LogoutMarks
  readonly clock: Clock
  readonly emit: Emit
}

const EVICTED_BY = { reasonCode: 'session_limit', actorType: 'system', actorId: null } as const
/** The most a page of a store may hold. */
const PAGE = 1000

export function createSessionRevocation({
  store,
  encryptor,
  tokenRevocation,
  marks,
  clock,
  emit,
}: SessionRevocationDependencies): SessionRevocation {
  // A revocation wipes the tokens, and a refresh may have replaced those that a request has read.
  const lastTokens = async (record: SessionRecord | null) =>
    record?.revocation === null ? openTokens(encryptor, record).catch(() => null) : null

  async function allLastTokens(filter: SessionFilter): Promise<Map<SessionHandle, SessionTokens>> {
    const found = new Map<SessionHandle, SessionTokens>()
    for (let cursor: string | null | undefined; cursor !== null; ) {
      const page = await store.list(filter, { limit: PAGE, ...(cursor !== undefined && { cursor }) })
      for (const record of page.records) {
        const tokens = record.refreshTokenEncrypted === null ? null : await lastTokens(record)
        if (tokens !== null) found.set(record.handle, tokens)
      }
      cursor = page.next
    }
    return found
  }

  function report(
    owner: Pick<SessionRecord, 'handle' | 'userId' | 'subject' | 'issuer' | 'provider'>,
    { reasonCode, actorType }: RevocationCause,
    tokens: SessionTokens | null | undefined,
  ): void {
    const { handle, userId } = owner
    emit({ type: 'session.revoked', handle, userId, reasonCode, actorType })
    if (tokens) tokenRevocation.revoke(owner, tokens)
  }

  return {
    async revoke(handle, by, { revokeTokens = true } = {}) {
      const last = await store.get(handle)
      const tokens = await lastTokens(last)
      const outcome = await store.revoke(handle, { ...by, at: clock.now() })
      if (outcome === null) return null
      if (outcome.outcome === 'revoked') report(outcome.record, by, revokeTokens ? tokens : null)
      return { outcome: outcome.outcome, tokens }
    },

    async revokeAll(filter, by) {
      const [marked] = await Promise.allSettled([marks.set(filter, by)])
      const tokens = tokenRevocation.isOn ? await allLastTokens(filter) : null
      const { records } = await store.revokeAll(filter, { ...by, at: clock.now() })
      for (const record of records) report(record, by, tokens?.get(record.handle))
      // The sessions are revoked, but an earlier sign-in must not bring the user back after the caller learns so.
      if (marked.status === 'rejected') throw marked.reason
      return records
    },

    async evicting(user, create) {
      const { userId, issuer } = user
      const tokens = tokenRevocation.isUnconditional ? await allLastTokens({ userId, issuer }) : null
      const { evicted } = await create()
      for (const handle of evicted) report({ ...user, handle }, EVICTED_BY, tokens?.get(handle))
    },
  }
}
