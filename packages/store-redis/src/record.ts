import type { SessionHandle, SessionPatch, SessionRecord } from '@bff/core'
import { SESSION_FIELDS, type SessionFieldFacts, type SessionFieldType } from '@bff/core/store'

/*
 * A session is one string, so that a request reads it with one GET and gets one answer. It begins with a head of fixed
 * size, which the scripts read, and which a touch changes in place. Its numbers are little-endian.
 *
 *    0  uint8    the layout: 1
 *    1  uint8    1 while the session waits for the eviction of others, else 0
 *    2  uint32   bytes of the members
 *    6  uint32   bytes of the revocation; 0 without one
 *   10  double   version
 *   18  double   lastAccessedAt
 *   26  double   expiresAt
 *   34  double   absoluteExpiresAt
 *   42  double   refreshTokenExpiresAt; infinity for `null`
 *   50  double   when the user's index admitted it, in microseconds
 *
 * Behind it are the members, as a JSON array of an object with the other members and an object with the lengths of the
 * sealed ones; the revocation, as JSON; and the bytes of the sealed members. A revocation removes those bytes.
 */
const LAYOUT = 1
const WAITING_AT = 1
const MEMBERS_BYTES_AT = 2
const REVOCATION_BYTES_AT = 6
const VERSION_AT = 10
const LAST_ACCESSED_AT = 18
const EXPIRES_AT = 26
const ABSOLUTE_EXPIRES_AT = 34
const REFRESH_TOKEN_EXPIRES_AT = 42
const ADMITTED_AT = 50
const HEAD_BYTES = 58

type Member = keyof SessionRecord
type Members = Record<string, unknown>
type Lengths = Record<string, number | null>

/** What a session has besides its record. */
export interface Admission {
  /** When the user's index took it in, in microseconds; orders sessions by admission, regardless of the callers' clocks. */
  readonly admitted: number
  /** Whether it waits for the eviction of others, and is not a session before that (SS-22). */
  readonly waiting: boolean
}

const IN_HEAD: ReadonlySet<Member> = new Set<Member>([
  'version',
  'lastAccessedAt',
  'expiresAt',
  'absoluteExpiresAt',
  'refreshTokenExpiresAt',
])

const FIELDS = Object.entries(SESSION_FIELDS) as readonly [Member, SessionFieldFacts][]

const SEALED: ReadonlySet<string> = new Set(
  FIELDS.filter(([, { type }]) => type === 'sealed').map(([member]) => member),
)

/** What JSON.parse returns for a member of each type that is kept as JSON. */
const JSON_TYPES: Partial<Readonly<Record<SessionFieldType, 'string' | 'number' | 'object'>>> = {
  ascii: 'string',
  text: 'string',
  longText: 'string',
  integer: 'number',
  time: 'number',
  json: 'object',
}

interface JsonMember {
  readonly member: Member
  readonly type: 'string' | 'number' | 'object'
  readonly isRequired: boolean
}

const JSON_MEMBERS: readonly JsonMember[] = FIELDS.flatMap(([member, { type: fieldType, nullable }]) => {
  const type = JSON_TYPES[fieldType]
  if (type === undefined || IN_HEAD.has(member)) return []
  return [{ member, type, isRequired: nullable !== true }]
})

const IN_JSON: ReadonlySet<string> = new Set(JSON_MEMBERS.map(({ member }) => member))

/** Returns a session as Redis holds it. */
export function encodeSession(record: SessionRecord, admission: Admission): Buffer {
  const members: Members = {}
  for (const { member } of JSON_MEMBERS) members[member] = record[member]
  const sealed = new Map<string, Uint8Array | null>()
  for (const member of SEALED) sealed.set(member, record[member as Member] as Uint8Array | null)
  const { revocation } = record
  return assemble(record, admission, members, revocation ? JSON.stringify(revocation) : '', sealed)
}

/**
 * Returns the session with this patch and one more version. It keeps what a newer version of this package added, so that
 * two versions can run side by side (STO-19).
 */
export function patchSession(value: Buffer, patch: SessionPatch): Buffer {
  const { members, lengths, sealedFrom } = parse(value)
  const sealed = new Map<string, Uint8Array | null>()
  let at = sealedFrom
  for (const [member, length] of Object.entries(lengths)) {
    sealed.set(member, length === null ? null : value.subarray(at, at + length))
    at += length ?? 0
  }
  for (const [member, change] of Object.entries(patch)) {
    if (change === undefined) continue
    if (SEALED.has(member)) sealed.set(member, change as Uint8Array | null)
    else if (IN_JSON.has(member)) members[member] = change
  }
  const head = headOf(value)
  const { refreshTokenExpiresAt = head.refreshTokenExpiresAt } = patch
  return assemble(
    { ...head, version: head.version + 1, refreshTokenExpiresAt },
    admissionOf(value),
    members,
    '',
    sealed,
  )
}

/** Returns the record, or `null` when the value is malformed. */
export function decodeRecord(handle: SessionHandle, value: Buffer): SessionRecord | null {
  try {
    const { members, lengths, revocation, sealedFrom } = parse(value)
    for (const { member, type, isRequired } of JSON_MEMBERS) {
      const found = members[member] ?? null
      if (found === null ? isRequired : typeof found !== type) return null
      if (found === null) members[member] = null
    }
    // Every request comes here: adding to the parsed members is cheaper than a copy of them.
    members['handle'] = handle
    addHead(members, value)
    members['revocation'] = revocation
    addSealed(members, lengths, value.subarray(sealedFrom))
    return members as Members & SessionRecord
  } catch {
    return null
  }
}

export function isWaiting(value: Buffer): boolean {
  return value[WAITING_AT] === 1
}

export function admissionOf(value: Buffer): Admission {
  const isWhole = value.length >= HEAD_BYTES
  return { admitted: isWhole ? value.readDoubleLE(ADMITTED_AT) : 0, waiting: isWaiting(value) }
}

/** Returns a session with what touches have changed, as its head has it. */
export function withTouches(value: Buffer, touches: Buffer): Buffer {
  touches.copy(value, LAST_ACCESSED_AT)
  return value
}

/** The parts of the head that a touch leaves alone. They are equal only in two reads of one version of one session. */
export function identityOf(value: Buffer): Buffer {
  return Buffer.concat([value.subarray(0, LAST_ACCESSED_AT), value.subarray(ABSOLUTE_EXPIRES_AT, HEAD_BYTES)])
}

function parse(value: Buffer) {
  const membersEnd = HEAD_BYTES + value.readUInt32LE(MEMBERS_BYTES_AT)
  const sealedFrom = membersEnd + value.readUInt32LE(REVOCATION_BYTES_AT)
  if (value[0] !== LAYOUT || sealedFrom > value.length) throw new RangeError('not a session')
  const [members, lengths] = JSON.parse(value.toString('utf8', HEAD_BYTES, membersEnd)) as [Members, Lengths]
  const revocation: unknown =
    sealedFrom === membersEnd ? null : JSON.parse(value.toString('utf8', membersEnd, sealedFrom))
  return { members, lengths, revocation, sealedFrom }
}

type Head = Pick<
  SessionRecord,
  'version' | 'lastAccessedAt' | 'expiresAt' | 'absoluteExpiresAt' | 'refreshTokenExpiresAt'
>

function headOf(value: Buffer): Head {
  const head: Members = {}
  addHead(head, value)
  return head as Members & Head
}

function addHead(members: Members, value: Buffer): void {
  members['version'] = finite(value.readDoubleLE(VERSION_AT))
  members['lastAccessedAt'] = finite(value.readDoubleLE(LAST_ACCESSED_AT))
  members['expiresAt'] = finite(value.readDoubleLE(EXPIRES_AT))
  members['absoluteExpiresAt'] = finite(value.readDoubleLE(ABSOLUTE_EXPIRES_AT))
  const refreshTokenExpiresAt = value.readDoubleLE(REFRESH_TOKEN_EXPIRES_AT)
  members['refreshTokenExpiresAt'] = refreshTokenExpiresAt === Infinity ? null : finite(refreshTokenExpiresAt)
}

/** Adds the sealed members, in memory of their own: a view would keep everything alive that arrived with the value. */
function addSealed(members: Members, lengths: Lengths, bytes: Uint8Array): void {
  const { buffer } = new Uint8Array(bytes)
  const isWiped = bytes.length === 0
  let at = 0
  for (const member in lengths) {
    const length = lengths[member] ?? null
    const isPresent = length !== null && !isWiped
    if (SEALED.has(member)) members[member] = isPresent ? new Uint8Array(buffer, at, length) : null
    at += length ?? 0
  }
  for (const member of SEALED) members[member] ??= null
}

function assemble(
  head: Head,
  { admitted, waiting }: Admission,
  members: Members,
  revocation: string,
  sealed: ReadonlyMap<string, Uint8Array | null>,
): Buffer {
  const lengths: Lengths = {}
  const parts: Uint8Array[] = []
  for (const [member, bytes] of sealed) {
    lengths[member] = bytes?.length ?? null
    if (bytes !== null) parts.push(bytes)
  }
  const json = Buffer.from(JSON.stringify([members, lengths]))
  const revoked = Buffer.from(revocation)
  const start = Buffer.alloc(HEAD_BYTES)
  start.writeUInt8(LAYOUT, 0)
  start.writeUInt8(waiting ? 1 : 0, WAITING_AT)
  start.writeUInt32LE(json.length, MEMBERS_BYTES_AT)
  start.writeUInt32LE(revoked.length, REVOCATION_BYTES_AT)
  start.writeDoubleLE(head.version, VERSION_AT)
  start.writeDoubleLE(head.lastAccessedAt, LAST_ACCESSED_AT)
  start.writeDoubleLE(head.expiresAt, EXPIRES_AT)
  start.writeDoubleLE(head.absoluteExpiresAt, ABSOLUTE_EXPIRES_AT)
  start.writeDoubleLE(head.refreshTokenExpiresAt ?? Infinity, REFRESH_TOKEN_EXPIRES_AT)
  start.writeDoubleLE(admitted, ADMITTED_AT)
  return Buffer.concat([start, json, revoked, ...parts])
}

function finite(value: number): number {
  if (!Number.isFinite(value)) throw new RangeError('not a number')
  return value
}
