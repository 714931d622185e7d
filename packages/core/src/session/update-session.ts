import type { Clock } from '../contracts/clock.ts'
import type { MetadataSchema } from '../contracts/config-sections.ts'
import type { Emit } from '../contracts/events.ts'
import type { Session, SessionPatch, SessionRecord } from '../contracts/session.ts'
import type { MaxLengths } from '../contracts/session-fields.ts'
import type { SessionStore } from '../contracts/session-store.ts'
import type { ChangeOf, SessionChange } from '../contracts/sessions.ts'
import { BffError } from '../internal/bff-error.ts'
import { isActive } from '../internal/lifetime.ts'
import { follow } from './live-session.ts'
import { validMetadata } from './new-session.ts'

/** The compiler checks these against `SESSION_FIELDS`. */
const MAX: MaxLengths<'organizationId' | 'deviceId'> = { organizationId: 255, deviceId: 255 }

const FIELDS = ['metadata', 'organizationId', 'deviceId'] as const

const invalid = (message: string) => new BffError('invalid_argument', message)

/** Concurrent writers of one session are few: past this many lost races something else is wrong. */
const ATTEMPTS = 5

export interface UpdateDependencies<Metadata> {
  readonly store: SessionStore
  readonly clock: Clock
  readonly emit: Emit
  readonly metadata: MetadataSchema<Metadata> | null
  readonly view: (record: SessionRecord) => Session<Metadata>
}

/** What `sessions.update` does. No write without the version that the change was made for. */
export async function updateSession<Metadata>(
  session: Pick<Session, 'handle'>,
  change: SessionChange<Metadata> | ChangeOf<Metadata>,
  dependencies: UpdateDependencies<Metadata>,
): Promise<Session<Metadata> | null> {
  const { store, clock, emit, view } = dependencies
  const { handle } = session
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const record = await store.get(handle)
    if (record === null || !isActive(record, clock.now())) return null
    const asked = typeof change === 'function' ? await change(view(record)) : change
    const patch = await patchOf(asked, record, dependencies)
    const changed = FIELDS.filter((field) => field in patch)
    const updated = changed.length === 0 ? record : await store.update(handle, patch, record.version)
    if (updated === null) continue
    follow(session, updated)
    if (updated !== record) emit({ type: 'session.updated', handle, userId: record.userId, changed })
    return view(updated)
  }
  throw new BffError('session_conflict', 'The session changed during the update. Update it again.')
}

async function patchOf<Metadata>(
  change: SessionChange<Metadata>,
  record: SessionRecord,
  { clock, metadata }: Pick<UpdateDependencies<Metadata>, 'clock' | 'metadata'>,
): Promise<SessionPatch> {
  if (typeof change !== 'object' || change === null) throw invalid('A change of a session must be an object.')
  const unknown = Object.keys(change).find((name) => !FIELDS.some((field) => field === name))
  if (unknown !== undefined)
    throw invalid(`An update cannot change ${unknown} of a session. It changes ${FIELDS.join(', ')}.`)
  for (const field of ['organizationId', 'deviceId'] as const) {
    const value: unknown = change[field]
    if (value === undefined || value === null) continue
    if (typeof value !== 'string' || value === '' || value.length > MAX[field])
      throw invalid(`${field} must be a text of 1 to ${MAX[field]} characters, or null.`)
  }
  return {
    ...(change.organizationId !== undefined && { organizationId: change.organizationId }),
    ...(change.deviceId !== undefined && { deviceId: change.deviceId }),
    ...(change.metadata !== undefined && { metadata: await jsonOf(change.metadata, metadata) }),
    // Never back in time: a clock that is behind that of the last writer must not make the record look older.
    updatedAt: Math.max(clock.now(), record.updatedAt),
  }
}

async function jsonOf(value: unknown, schema: Parameters<typeof validMetadata>[1]) {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw invalid('The session metadata must be an object.')
  return validMetadata(value as Readonly<Record<string, unknown>>, schema)
}
