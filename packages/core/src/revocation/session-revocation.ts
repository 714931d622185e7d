import type { Clock } from '../contracts/clock.ts'
import type { Encryptor } from '../contracts/encryptor.ts'
import type { Emit } from '../contracts/events.ts'
import type { SessionRecord, SessionTokens } from '../contracts/session.ts'
import type { LogoutMarks, RevocationCause, SessionRevocation } from '../contracts/session-revocation.ts'
import type { SessionStore } from '../contracts/session-store.ts'
import type { TokenRevocation } from '../contracts/token-revocation.ts'
import { openTokens } from '../session/seal.ts'
import { createManyRevocations, type EndedSession } from './many-sessions.ts'

export interface SessionRevocationDependencies {
  readonly store: SessionStore
  readonly encryptor: Encryptor
  readonly tokenRevocation: TokenRevocation
  readonly marks: LogoutMarks
  readonly clock: Clock
  readonly emit: Emit
}

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

  function report(
    owner: EndedSession,
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

    ...createManyRevocations({ store, tokenRevocation, marks, clock, emit, lastTokens, report }),
  }
}
