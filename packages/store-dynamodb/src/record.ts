import type { AttributeValue } from '@aws-sdk/client-dynamodb'
import type { Revocation, SessionHandle, SessionRecord } from '@bff/core'
import { SESSION_FIELDS, type SessionField, type SessionFieldFacts } from '@bff/core/store'
import type { Key } from './table.ts'
import { attribute, attributes, type Item, numberOf, textOf, type Value } from './values.ts'

/*
 * A session is one item with an attribute for each field that is not null, under the field's own name. The handle is in
 * its key. Metadata is JSON text, because the numbers of DynamoDB are not those of JSON.
 */

type Field = Exclude<SessionField, 'handle'>

const FIELDS = Object.entries(SESSION_FIELDS).filter(([field]) => field !== 'handle') as readonly (readonly [
  Field,
  SessionFieldFacts,
])[]
const TYPES = new Map(FIELDS.map(([field, { type }]) => [field, type]))
const PREFIX = 's#'

/** Every item but an entry of an index has this sort key. */
export const ALONE = '-'

/** What an item of a session holds besides its record. */
export interface Admission {
  /** The name of this creation of the handle, which the entries of the indexes have, too. */
  readonly entry: string
  /** Orders the creations of a user's sessions that had a limit, regardless of the clocks of their processes. */
  readonly ticket: number
  /** Whether it waits for the eviction of others, and is not a session before that (SS-22). */
  readonly waiting: boolean
}

export const sessionKey = (handle: SessionHandle): Key => ({ pk: PREFIX + handle, sk: ALONE })

/** A filter that lets only sessions pass, of all items of the table. */
export const IS_SESSION = 'attribute_exists(#secretHash) AND attribute_not_exists(#waiting)'

export function encodeSession(record: SessionRecord, admission: Admission, deletedAt: number): Item {
  const item: Record<string, AttributeValue> = attributes({
    ...sessionKey(record.handle),
    entry: admission.entry,
    ticket: admission.ticket,
    waiting: admission.waiting ? 1 : null,
    deleteAt: deletedAt,
  })
  for (const [field] of FIELDS) {
    const value = record[field]
    if (value !== null) item[field] = encodeField(field, value)
  }
  return item
}

export function encodeField(field: Field, value: NonNullable<SessionRecord[Field]>): AttributeValue {
  const type = TYPES.get(field)
  if (type === 'json') return { S: JSON.stringify(value) }
  return type === 'revocation' ? encodeRevocation(value as Revocation) : attribute(value as Value)
}

export function encodeRevocation({ at, reasonCode, actorType, actorId }: Revocation): AttributeValue {
  return { M: attributes({ at, reasonCode, actorType, actorId }) }
}

export function decodeSession(item: Item): SessionRecord {
  const record: Record<string, unknown> = { handle: handleOf(item) }
  for (const [field, { type }] of FIELDS) record[field] = decodeField(type, item[field])
  return record as Record<string, unknown> & SessionRecord
}

export const handleOf = (item: Item) => (textOf(item['pk']) ?? '').slice(PREFIX.length) as SessionHandle

export function admissionOf(item: Item): Admission {
  return {
    entry: textOf(item['entry']) ?? '',
    ticket: numberOf(item['ticket']) ?? 0,
    waiting: item['waiting'] !== undefined,
  }
}

function decodeField(type: SessionFieldFacts['type'], found: AttributeValue | undefined): unknown {
  if (found === undefined) return null
  switch (type) {
    case 'integer':
    case 'time':
      return numberOf(found)
    case 'sealed':
      return found.B ?? null
    case 'json':
      return JSON.parse(found.S ?? 'null')
    case 'revocation':
      return decodeRevocation(found.M ?? {})
    default:
      return textOf(found)
  }
}

function decodeRevocation(found: Item): Revocation {
  return {
    at: numberOf(found['at']) ?? 0,
    reasonCode: textOf(found['reasonCode']) ?? '',
    actorType: textOf(found['actorType']) ?? '',
    actorId: textOf(found['actorId']),
  }
}
