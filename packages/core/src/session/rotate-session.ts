import type { Clock } from '../contracts/clock.ts'
import type { Encryptor } from '../contracts/encryptor.ts'
import type { Emit } from '../contracts/events.ts'
import type { Session, SessionRecord } from '../contracts/session.ts'
import type { SessionStore } from '../contracts/session-store.ts'
import type { IssuedSession } from '../contracts/sessions.ts'
import type { TtlStore } from '../contracts/ttl-store.ts'
import { BffError } from '../internal/bff-error.ts'
import { resealStale } from '../internal/reseal.ts'
import { generateSessionId, rememberPrevious, secretHashOf, splitSessionId } from './id.ts'
import { recordOf } from './live-session.ts'

/** Concurrent writers of one session are few: past this many lost races something else is wrong. */
const ATTEMPTS = 5

export interface RotateDependencies<Metadata> {
  readonly store: SessionStore
  readonly ttl: TtlStore
  readonly encryptor: Encryptor
  readonly clock: Clock
  readonly emit: Emit
  readonly rotationGraceMs: number
  readonly view: (record: SessionRecord) => Session<Metadata>
  readonly cookie: (id: string, absoluteExpiresAt: number) => string
}

/** What `sessions.rotate` does. */
export async function rotateSession<Metadata>(
  session: Session<Metadata>,
  dependencies: RotateDependencies<Metadata>,
): Promise<IssuedSession<Metadata> | null> {
  const { store, ttl, encryptor, clock, emit, rotationGraceMs, view, cookie } = dependencies
  const { handle, userId } = session
  let record: SessionRecord | null = recordOf(session)
  for (let attempt = 0; attempt < ATTEMPTS && record !== null; attempt++) {
    if (record.revocation !== null) return null
    const id = handle + generateSessionId().slice(handle.length)
    const now = clock.now()
    await rememberPrevious(ttl, record, now)
    const rotated = await store.update(
      handle,
      {
        ...(await resealStale(encryptor, record)).fields,
        secretHash: await secretHashOf(encryptor, splitSessionId(id).secret, record),
        previousSecretHash: record.secretHash,
        previousSecretUntil: now + rotationGraceMs,
        updatedAt: now,
      },
      record.version,
    )
    if (rotated !== null) {
      emit({ type: 'session.rotated', handle, userId })
      return { session: view(rotated), cookie: cookie(id, rotated.absoluteExpiresAt) }
    }
    record = await store.get(handle)
  }
  if (record === null) return null
  throw new BffError('session_conflict', 'The session changed during the rotation. Rotate it again.')
}
