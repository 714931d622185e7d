import {
  isBffError,
  type Revocation,
  type SessionHandle,
  type SessionPatch,
  type SessionRecord,
  type SessionStore,
} from '@bff/core'
import { WIPED } from '@bff/core/store'
import { bytes, DAY, HOUR, MINUTE, revocation, session } from '../fixtures.ts'
import type { Model } from './linearizable.ts'

/** A call that reads or writes one session, or its user's only one. */
export type SessionOperation =
  | { readonly call: 'create'; readonly record: SessionRecord }
  | { readonly call: 'get' }
  | { readonly call: 'update'; readonly patch: SessionPatch; readonly ifVersion: number }
  | { readonly call: 'touch'; readonly at: number; readonly expiresAt: number }
  | { readonly call: 'revoke'; readonly revocation: Revocation }
  | { readonly call: 'delete' }
  | { readonly call: 'list' }
  | { readonly call: 'countActive'; readonly now: number }
  | { readonly call: 'revokeAll'; readonly revocation: Revocation }

type State = SessionRecord | null

/** Absent, alive at some version, or revoked: what the laws of `SessionStore` say of one handle. */
export const sessionModel: Model<State, SessionOperation> = { initial: null, step }

function step(state: State, operation: SessionOperation): { state: State; answer: unknown } {
  switch (operation.call) {
    case 'create':
      return state === null
        ? { state: operation.record, answer: { evicted: [] } }
        : { state, answer: 'session_conflict' }
    case 'get':
      return { state, answer: state }
    case 'delete':
      return { state: null, answer: state !== null }
    case 'list':
      return { state, answer: { records: state === null ? [] : [state], next: null } }
    case 'countActive':
      return { state, answer: isActive(state, operation.now) ? 1 : 0 }
    case 'update': {
      if (!isUnrevoked(state) || state.version !== operation.ifVersion) return { state, answer: null }
      const updated = { ...state, ...operation.patch, version: state.version + 1 }
      return { state: updated, answer: updated }
    }
    case 'touch':
      return isUnrevoked(state)
        ? { state: touched(state, operation.at, operation.expiresAt), answer: true }
        : { state, answer: false }
    case 'revoke': {
      if (!isUnrevoked(state))
        return { state, answer: state && { outcome: 'already_revoked', record: state } }
      const record = revoked(state, operation.revocation)
      return { state: record, answer: { outcome: 'revoked', record } }
    }
    case 'revokeAll': {
      const { at } = operation.revocation
      const none = { outcome: 'no_active_sessions', records: [] }
      if (!isUnrevoked(state) || at > state.absoluteExpiresAt) return { state, answer: none }
      const record = revoked(state, operation.revocation)
      const answer = isActive(state, at) ? { outcome: 'revoked', records: [record] } : none
      return { state: record, answer }
    }
  }
}

function isUnrevoked(state: State): state is SessionRecord {
  return state?.revocation === null
}

function isActive(state: State, now: number): state is SessionRecord {
  if (!isUnrevoked(state)) return false
  const { expiresAt, absoluteExpiresAt, refreshTokenExpiresAt } = state
  return now <= Math.min(expiresAt, absoluteExpiresAt, refreshTokenExpiresAt ?? Infinity)
}

function touched(state: SessionRecord, at: number, expiresAt: number): SessionRecord {
  const end = Math.min(expiresAt, state.absoluteExpiresAt)
  return {
    ...state,
    lastAccessedAt: Math.max(state.lastAccessedAt, at),
    expiresAt: Math.max(state.expiresAt, end),
  }
}

function revoked(state: SessionRecord, why: Revocation): SessionRecord {
  return { ...state, ...WIPED, version: state.version + 1, revocation: why }
}

/** Makes the call; a taken handle is an answer like any other. */
export async function callSession(
  sessions: SessionStore,
  handle: SessionHandle,
  operation: SessionOperation,
): Promise<unknown> {
  const filter = { userId: userOf(handle) }
  switch (operation.call) {
    case 'create':
      return sessions.create(operation.record).catch((error: unknown) => {
        if (isBffError(error, 'session_conflict')) return 'session_conflict'
        throw error
      })
    case 'get':
      return sessions.get(handle)
    case 'update':
      return sessions.update(handle, operation.patch, operation.ifVersion)
    case 'touch':
      return sessions.touch(handle, operation.at, operation.expiresAt)
    case 'revoke':
      return sessions.revoke(handle, operation.revocation)
    case 'delete':
      return sessions.delete(handle)
    case 'list':
      return sessions.list(filter)
    case 'countActive':
      return sessions.countActive(filter, operation.now)
    case 'revokeAll':
      return sessions.revokeAll(filter, operation.revocation)
  }
}

/** The user whose only session has this handle. */
function userOf(handle: SessionHandle): string {
  return `user of ${handle}`
}

type Choose = (random: (below: number) => number, answers: readonly unknown[]) => SessionOperation

/** Creators, readers, writers, touchers, revokers and deleters of one handle. */
export function onOneHandle(handle: SessionHandle, now: number): Choose {
  return (random, answers) => {
    const at = now + random(1000)
    const dice = random(20)
    if (answers.length === 0 || dice < 2) return creation(handle, now, random)
    if (dice < 6) return { call: 'get' }
    if (dice < 12) return change(at, random, answers)
    if (dice < 17) return { call: 'touch', at, expiresAt: now + 8 * HOUR + random(2 * DAY) }
    if (dice < 18) return { call: 'revoke', revocation: revocation(at, { actorId: `actor ${random(9)}` }) }
    return dice < 19 ? { call: 'delete' } : { call: 'get' }
  }
}

/** Readers and revokers of all a user's sessions, of which there is one, against writers of that one. */
export function onOneUser(handle: SessionHandle, now: number): Choose {
  return (random, answers) => {
    const at = now + random(1000)
    const dice = random(20)
    if (answers.length === 0) return creation(handle, now, random)
    if (dice < 4) return { call: 'list' }
    if (dice < 7) return { call: 'countActive', now: at }
    if (dice < 13) return change(at, random, answers)
    if (dice < 17) return { call: 'touch', at, expiresAt: now + 8 * HOUR + random(2 * DAY) }
    if (dice < 18) return { call: 'get' }
    return dice < 19
      ? { call: 'revokeAll', revocation: revocation(at, { actorId: `actor ${random(9)}` }) }
      : { call: 'revoke', revocation: revocation(at) }
  }
}

function creation(handle: SessionHandle, now: number, random: (below: number) => number): SessionOperation {
  const record = session(now, {
    handle,
    userId: userOf(handle),
    accessTokenEncrypted: bytes(8, random(99)),
    claimsEncrypted: bytes(4),
  })
  return { call: 'create', record }
}

/** An update from the version this client saw last; now and then from one that it never saw. */
function change(
  at: number,
  random: (below: number) => number,
  answers: readonly unknown[],
): SessionOperation {
  const patch: SessionPatch = {
    updatedAt: at,
    accessTokenEncrypted: random(4) === 0 ? null : bytes(8, random(99)),
    ...(random(2) === 0 ? { metadata: { step: random(99) } } : { accessTokenExpiresAt: at + MINUTE }),
  }
  return { call: 'update', patch, ifVersion: lastVersion(answers) + (random(8) === 0 ? 1 : 0) }
}

function lastVersion(answers: readonly unknown[]): number {
  for (const answer of [...answers].reverse()) {
    const version = versionIn(answer)
    if (version !== null) return version
  }
  return 1
}

function versionIn(answer: unknown): number | null {
  if (typeof answer !== 'object' || answer === null) return null
  if ('version' in answer && typeof answer.version === 'number') return answer.version
  if ('record' in answer) return versionIn(answer.record)
  return 'records' in answer && Array.isArray(answer.records) ? versionIn(answer.records[0]) : null
}
