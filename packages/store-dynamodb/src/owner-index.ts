import type { SessionFilter, SessionHandle, SessionRecord } from '@bff/core'
import { randomToken, sha256Base64url } from '@bff/core/authoring'
import type { Cursor } from '@bff/core/store'
import { ALONE, admissionOf, sessionKey } from './record.ts'
import { type Key, keyOf, MOST_READ, type Table } from './table.ts'
import { deleteAt, type Item, numberOf, textOf } from './values.ts'

type Owners = Pick<SessionRecord, 'userId' | 'organizationId' | 'issuer' | 'subject' | 'providerSessionId'>
type Named = Owners & Pick<SessionRecord, 'handle' | 'createdAt' | 'absoluteExpiresAt'>

/** Newer sessions come first: their sort key begins with the smaller number. */
const LATEST = 999_999_999_999_999
const DIGITS = String(LATEST).length
const ENTRY_BYTES = 9

/**
 * The sessions of each owner: a partition for each owner, with an entry for each session in the order of lists. An entry
 * is a hint that only the session itself confirms. It is written before the session, and names this one creation of it: so
 * nobody removes the entry of another creation, and a session is never without its entries.
 */
export class OwnerIndex {
  readonly #table: Table
  /** How long an entry is kept after the absolute limit of its session. */
  readonly #graceMs: number

  constructor(table: Table, graceMs: number) {
    this.#table = table
    this.#graceMs = graceMs
  }

  /** Returns the name of a new creation. */
  newEntry(): string {
    return randomToken(ENTRY_BYTES)
  }

  /** Writes the entries of a session that is about to be written with these owners. */
  async add(record: Named, entry: string): Promise<void> {
    const keys = await this.#keysOf(record, entry)
    const ends = { N: String(deleteAt(record.absoluteExpiresAt + this.#graceMs)) }
    await this.#table.putAll(keys.map((key) => ({ ...keyOf(key), deleteAt: ends })))
  }

  /** Removes the entries of a creation that is over. A failure is ignored: what is left is no session, and ends by itself. */
  async remove(record: Named, entry: string): Promise<void> {
    await this.#table.deleteAll(await this.#keysOf(record, entry)).catch(() => {})
  }

  /** Returns a greater number than any call before for the same user. */
  async ticket({ userId, issuer, createdAt, absoluteExpiresAt }: Named): Promise<number> {
    const key = { pk: await partition('n', userId, issuer), sk: ALONE }
    const item = await this.#table.update(
      key,
      {
        // From the time on, so that it grows even after it was deleted.
        set: '#ticket = if_not_exists(#ticket, :createdAt) + :one, #deleteAt = :deleteAt',
        values: { createdAt, one: 1, deleteAt: deleteAt(absoluteExpiresAt + this.#graceMs) },
      },
      { expression: 'attribute_not_exists(#secretHash)' },
    )
    return numberOf(item?.['ticket']) ?? createdAt
  }

  /**
   * Yields the items of all sessions that may match, newest first, after a position, in batches. Also those that moved to
   * another owner since: the filter decides.
   */
  async *read(filter: SessionFilter, batch = MOST_READ, after: Cursor | null = null): AsyncGenerator<Item[]> {
    const pk = await this.#partitionOf(filter)
    let place = after === null ? ' ' : `${sortKey(after)}!`
    for (;;) {
      const { items, next } = await this.#table.query(pk, place, Math.min(batch, MOST_READ))
      const entries = items.map((item) => readEntry(textOf(item['sk']) ?? ''))
      const found = await this.#table.getAll(unique(entries.map(({ handle }) => sessionKey(handle))))
      yield entries.flatMap(({ handle, entry }) => {
        const item = found.get(sessionKey(handle).pk)
        return item !== undefined && admissionOf(item).entry === entry ? [item] : []
      })
      if (next === null) return
      place = textOf(next['sk']) ?? ''
    }
  }

  async #keysOf(record: Named, entry: string): Promise<Key[]> {
    const { userId, organizationId, issuer, subject, providerSessionId } = record
    const partitions = [partition('u', userId)]
    if (organizationId !== null) partitions.push(partition('o', organizationId))
    if (issuer && subject) partitions.push(partition('i', issuer, subject))
    if (issuer && providerSessionId) partitions.push(partition('p', issuer, providerSessionId))
    const sk = `${sortKey(record)} ${entry}`
    return (await Promise.all(partitions)).map((pk) => ({ pk, sk }))
  }

  /** Returns the partition that holds at least the sessions of the filter. */
  #partitionOf({ userId, organizationId = '', issuer, subject, providerSessionId }: SessionFilter) {
    if (issuer && providerSessionId) return partition('p', issuer, providerSessionId)
    if (userId !== undefined) return partition('u', userId)
    return issuer && subject ? partition('i', issuer, subject) : partition('o', organizationId)
  }
}

/** Ids are hashed: they may be longer than a key, and DynamoDB shows frequent keys in its metrics. */
async function partition(kind: string, ...ids: readonly (string | null)[]): Promise<string> {
  return `${kind}#${await sha256Base64url(JSON.stringify(ids))}`
}

/** A space and an exclamation mark come before all characters of a handle. */
function sortKey({ createdAt, handle }: Cursor): string {
  return `${String(LATEST - createdAt).padStart(DIGITS, '0')} ${handle}`
}

function readEntry(sk: string): { handle: SessionHandle; entry: string } {
  const [, handle = '', entry = ''] = sk.split(' ')
  return { handle: handle as SessionHandle, entry }
}

/** DynamoDB refuses to read a key twice at once. */
function unique(keys: readonly Key[]): Key[] {
  return [...new Map(keys.map((key) => [key.pk, key])).values()]
}
