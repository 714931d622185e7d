import type { AttachContext, TtlStore } from '@bff/core'
import { type Attachment, sha256Base64url } from '@bff/core/authoring'
import { requireTtl } from '@bff/core/store'
import { ALONE } from './record.ts'
import type { Expression, Key, Table } from './table.ts'
import { attributes, deleteAt, numberOf, textOf } from './values.ts'

/** Keeps values that expire by the clock of the processes: DynamoDB itself deletes them days later. */
export class DynamodbTtlStore implements TtlStore {
  readonly #table: Table
  readonly #attachment: Attachment

  constructor(table: Table, attachment: Attachment) {
    this.#table = table
    this.#attachment = attachment
  }

  async set(key: string, value: string, ttlMs: number): Promise<void> {
    const until = this.#until(ttlMs)
    await this.#put(await keyOfValue(key), value, until)
  }

  async get(key: string): Promise<string | null> {
    const item = await this.#table.get(await keyOfValue(key))
    return item !== null && (numberOf(item['until']) ?? 0) > this.#now() ? textOf(item['value']) : null
  }

  async setIfAbsent(key: string, value: string, ttlMs: number): Promise<boolean> {
    const until = this.#until(ttlMs)
    const values = { now: this.#now() }
    return this.#put(await keyOfValue(key), value, until, {
      expression: 'attribute_not_exists(#pk) OR #until <= :now',
      values,
    })
  }

  async take(key: string): Promise<string | null> {
    const item = await this.#table.delete(await keyOfValue(key), this.#living())
    return textOf(item?.['value'])
  }

  async extend(key: string, value: string, ttlMs: number): Promise<boolean> {
    const until = this.#until(ttlMs)
    const item = await this.#table.update(
      await keyOfValue(key),
      { set: '#until = :until, #deleteAt = :deleteAt', values: { until, deleteAt: deleteAt(until) } },
      this.#holding(value),
    )
    return item !== null
  }

  async compareAndDelete(key: string, value: string): Promise<boolean> {
    return (await this.#table.delete(await keyOfValue(key), this.#holding(value))) !== null
  }

  attach(context: AttachContext): void {
    this.#attachment.attach(context)
  }

  #put(key: Key, value: string, until: number, condition?: Expression): Promise<boolean> {
    return this.#table.put(attributes({ ...key, value, until, deleteAt: deleteAt(until) }), condition)
  }

  #living(): Expression {
    return { expression: '#until > :now', values: { now: this.#now() } }
  }

  #holding(value: string): Expression {
    return { expression: '#until > :now AND #value = :value', values: { now: this.#now(), value } }
  }

  #now(): number {
    return this.#attachment.clock.now()
  }

  #until(ttlMs: number): number {
    return Math.min(this.#now() + requireTtl(ttlMs), Number.MAX_SAFE_INTEGER)
  }
}

/** Keys are hashed: they may be longer than a key of DynamoDB. */
async function keyOfValue(key: string): Promise<Key> {
  return { pk: `t#${await sha256Base64url(key)}`, sk: ALONE }
}
