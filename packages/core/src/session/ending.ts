import type { Clock } from '../clock.ts'
import type { Encryptor } from '../crypto/encryptor.ts'
import type { Emit } from '../events.ts'
import type { IdentityProvider } from '../provider/identity-provider.ts'
import type { RevokeOutcome, SessionFilter, SessionStore } from '../store/session-store.ts'
import type { Revocation, SessionHandle, SessionRecord, SessionTokens } from './model.ts'
import { openTokens } from './seal.ts'

/** How long ending a session waits for the provider to revoke its refresh token; it is over here either way. */
const PROVIDER_PATIENCE_MS = 3_000

export interface EndingDependencies {
  readonly store: SessionStore
  readonly encryptor: Encryptor
  /** Where refresh tokens are revoked; `null`: nowhere. */
  readonly provider: IdentityProvider | null
  readonly clock: Clock
  readonly emit: Emit
}

type EndedBy = Omit<Revocation, 'at'>

/** Ends sessions: here first, and then their refresh tokens at the provider, which cannot hold that up (LGO-17). */
export interface SessionEnding {
  /** With the session's last tokens, where they are known. `null` when there is no such session. */
  end(
    handle: SessionHandle,
    by: EndedBy,
  ): Promise<{ outcome: RevokeOutcome['outcome']; tokens: SessionTokens | null } | null>
  /** Every active session the filter matches; what was ended, newest first. */
  endAll(filter: SessionFilter, by: EndedBy): Promise<readonly SessionRecord[]>
}

export function createEnding({ store, encryptor, provider, clock, emit }: EndingDependencies): SessionEnding {
  // A revocation wipes the tokens, and a refresh may have replaced those that a request has read.
  const lastTokens = async (record: SessionRecord | null) =>
    record?.revocation === null ? openTokens(encryptor, record).catch(() => null) : null

  async function allLastTokens(filter: SessionFilter): Promise<Map<SessionHandle, SessionTokens>> {
    const found = new Map<SessionHandle, SessionTokens>()
    for (let cursor: string | null | undefined; cursor !== null; ) {
      const page = await store.list(filter, cursor === undefined ? {} : { cursor })
      for (const record of page.records) {
        const tokens = await lastTokens(record)
        if (tokens !== null) found.set(record.handle, tokens)
      }
      cursor = page.next
    }
    return found
  }

  function tell({ handle, userId }: SessionRecord, { reasonCode, actorType }: EndedBy): void {
    emit({ type: 'session.revoked', handle, userId, reasonCode, actorType })
  }

  async function revokeAtProvider(all: Iterable<SessionTokens | null | undefined>): Promise<void> {
    const done = new AbortController()
    const revoking = [...all].map(async (tokens) => {
      if (!tokens?.refreshToken) return
      const { refreshToken: token, dpopKeyPair } = tokens
      await provider?.revoke({ token, hint: 'refresh_token', dpopKeyPair })
    })
    const revoked = Promise.all(revoking).catch((cause: unknown) =>
      emit({ type: 'provider.failed', operation: 'revoke', code: 'provider_unavailable', cause }),
    )
    const patience = clock.sleep(PROVIDER_PATIENCE_MS, done.signal).catch(() => {})
    await Promise.race([revoked, patience])
    done.abort()
  }

  return {
    async end(handle, by) {
      const last = await store.get(handle)
      const tokens = await lastTokens(last)
      const ended = await store.revoke(handle, { ...by, at: clock.now() })
      if (ended === null) return null
      if (ended.outcome === 'revoked') {
        tell(ended.record, by)
        await revokeAtProvider([tokens])
      }
      return { outcome: ended.outcome, tokens }
    },
    async endAll(filter, by) {
      const tokens = await allLastTokens(filter)
      const { records } = await store.revokeAll(filter, { ...by, at: clock.now() })
      for (const record of records) tell(record, by)
      await revokeAtProvider(records.map(({ handle }) => tokens.get(handle)))
      return records
    },
  }
}
