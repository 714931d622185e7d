import {
  type AttributeValue,
  BatchGetItemCommand,
  BatchWriteItemCommand,
  DeleteItemCommand,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  ScanCommand,
  UpdateItemCommand,
  type WriteRequest,
} from '@aws-sdk/client-dynamodb'
import { BffError, systemClock } from '@bff/core'
import type { Connection, Send } from './connection.ts'
import { isRefused } from './errors.ts'
import { type Item, namesIn, textOf, type Value, valuesOf } from './values.ts'

/** The primary key of an item. */
export interface Key {
  readonly pk: string
  readonly sk: string
}

/** A condition or a filter, which names attributes as `#name` and values as `:name`. */
export interface Expression {
  readonly expression: string
  readonly values?: Readonly<Record<string, Value>>
}

/** A change of an item, as DynamoDB's update expressions say it. */
export interface Change {
  readonly set?: string | undefined
  readonly remove?: string | undefined
  readonly values?: Readonly<Record<string, Value>>
  /** Further values, as attributes. */
  readonly encoded?: Readonly<Record<string, AttributeValue>>
}

export interface PageOf {
  readonly items: readonly Item[]
  readonly count: number
  /** Where the next page begins; `null` after the last one. */
  readonly next: Item | null
}

/** DynamoDB's own limits for one request. */
export const MOST_READ = 100
const MOST_WRITTEN = 25
const FIRST_WAIT_MS = 20
const ATTEMPTS = 6

/** The operations on the table. Every read is strongly consistent, and every write changes one item in one step. */
export class Table {
  readonly name: string
  readonly #connection: Connection

  constructor(connection: Connection, name: string) {
    this.#connection = connection
    this.name = name
  }

  async get(key: Key): Promise<Item | null> {
    const command = new GetItemCommand({ TableName: this.name, Key: keyOf(key), ConsistentRead: true })
    return (await this.#connection.read((client, options) => client.send(command, options))).Item ?? null
  }

  /** Returns those of the items that exist, by partition key. */
  async getAll(keys: readonly Key[]): Promise<ReadonlyMap<string, Item>> {
    const found = new Map<string, Item>()
    await inBatches(keys.map(keyOf), MOST_READ, async (some: readonly Item[]) => {
      const command = new BatchGetItemCommand({
        RequestItems: { [this.name]: { Keys: some.map((key) => ({ ...key })), ConsistentRead: true } },
      })
      const { Responses, UnprocessedKeys } = await this.#connection.read((client, options) =>
        client.send(command, options),
      )
      for (const item of Responses?.[this.name] ?? []) found.set(textOf(item['pk']) ?? '', item)
      return UnprocessedKeys?.[this.name]?.Keys ?? []
    })
    return found
  }

  /** Returns whether the item was written: `false` when the condition does not hold. */
  async put(item: Item, condition?: Expression): Promise<boolean> {
    const command = new PutItemCommand({ TableName: this.name, Item: { ...item }, ...conditioned(condition) })
    return (await this.#change((client, options) => client.send(command, options))) !== null
  }

  /** Returns the item as it is now, or `null` when the condition does not hold. */
  async update(key: Key, change: Change, condition: Expression): Promise<Item | null> {
    const update = [
      ...(change.set === undefined ? [] : [`SET ${change.set}`]),
      ...(change.remove === undefined ? [] : [`REMOVE ${change.remove}`]),
    ].join(' ')
    const values = { ...valuesOf({ ...change.values, ...condition.values }), ...named(change.encoded) }
    const command = new UpdateItemCommand({
      TableName: this.name,
      Key: keyOf(key),
      UpdateExpression: update,
      ConditionExpression: condition.expression,
      ExpressionAttributeNames: namesIn(update, condition.expression),
      ...(Object.keys(values).length > 0 && { ExpressionAttributeValues: values }),
      ReturnValues: 'ALL_NEW',
    })
    const answer = await this.#change((client, options) => client.send(command, options))
    return answer?.Attributes ?? null
  }

  /** Returns the item that was deleted, or `null` when it does not exist or the condition does not hold. */
  async delete(key: Key, condition?: Expression): Promise<Item | null> {
    const command = new DeleteItemCommand({
      TableName: this.name,
      Key: keyOf(key),
      ...conditioned(condition),
      ReturnValues: 'ALL_OLD',
    })
    return (await this.#change((client, options) => client.send(command, options)))?.Attributes ?? null
  }

  putAll(items: readonly Item[]): Promise<void> {
    return this.#writeAll(items.map((item) => ({ PutRequest: { Item: { ...item } } })))
  }

  deleteAll(keys: readonly Key[]): Promise<void> {
    return this.#writeAll(keys.map((key) => ({ DeleteRequest: { Key: keyOf(key) } })))
  }

  /** Returns the items of a partition behind a sort key, in its order. */
  async query(pk: string, after: string, limit: number): Promise<PageOf> {
    const expression = '#pk = :pk AND #sk > :after'
    const command = new QueryCommand({
      TableName: this.name,
      ConsistentRead: true,
      KeyConditionExpression: expression,
      ExpressionAttributeNames: namesIn(expression),
      ExpressionAttributeValues: valuesOf({ pk, after }),
      Limit: limit,
    })
    return pageOf(await this.#connection.read((client, options) => client.send(command, options)))
  }

  /** Returns what of the next part of the whole table the filter lets pass. */
  async scan(
    filter: Expression,
    after: Item | null,
    { limit, only }: { readonly limit?: number; readonly only?: 'keys' | 'count' } = {},
  ): Promise<PageOf> {
    const names = only === 'keys' ? '#pk, #sk' : undefined
    const command = new ScanCommand({
      TableName: this.name,
      ConsistentRead: true,
      FilterExpression: filter.expression,
      ExpressionAttributeNames: namesIn(filter.expression, names),
      ...(filter.values && { ExpressionAttributeValues: valuesOf(filter.values) }),
      ...(names !== undefined && { ProjectionExpression: names }),
      ...(only === 'count' && { Select: 'COUNT' }),
      ...(limit !== undefined && { Limit: limit }),
      ...(after !== null && { ExclusiveStartKey: { ...after } }),
    })
    return pageOf(await this.#connection.read((client, options) => client.send(command, options)))
  }

  /** Returns `null` when the condition does not hold. */
  #change<Answer>(send: Send<Answer>): Promise<Answer | null> {
    return this.#connection.write<Answer | null>(async (client, options) => {
      try {
        return await send(client, options)
      } catch (error) {
        if (isRefused(error)) return null
        throw error
      }
    })
  }

  /** Each item is written on its own. */
  #writeAll(requests: readonly WriteRequest[]): Promise<void> {
    return inBatches(requests, MOST_WRITTEN, async (some) => {
      const command = new BatchWriteItemCommand({ RequestItems: { [this.name]: [...some] } })
      const { UnprocessedItems } = await this.#connection.write((client, options) =>
        client.send(command, options),
      )
      return UnprocessedItems?.[this.name] ?? []
    })
  }
}

/** Sends requests, and sends again what DynamoDB leaves out for now: `send` returns that. */
async function inBatches<Request>(
  requests: readonly Request[],
  most: number,
  send: (some: readonly Request[]) => Promise<readonly Request[]>,
): Promise<void> {
  for (let from = 0; from < requests.length; from += most) {
    let left: readonly Request[] = requests.slice(from, from + most)
    for (let inVain = 0; left.length > 0; ) {
      const rest = await send(left)
      // It leaves out what is more than it handles at once: that is no sign that it has too much to do.
      inVain = rest.length < left.length ? 0 : inVain + 1
      if (inVain > 0) await pause(inVain)
      left = rest
    }
  }
}

export function keyOf({ pk, sk }: Key) {
  return { pk: { S: pk }, sk: { S: sk } }
}

function conditioned(condition: Expression | undefined) {
  if (condition === undefined) return {}
  return {
    ConditionExpression: condition.expression,
    ExpressionAttributeNames: namesIn(condition.expression),
    ...(condition.values && { ExpressionAttributeValues: valuesOf(condition.values) }),
  }
}

const named = (encoded: Change['encoded'] = {}) =>
  Object.fromEntries(Object.entries(encoded).map(([name, value]) => [`:${name}`, value]))

function pageOf(answer: {
  readonly Items?: readonly Item[] | undefined
  readonly Count?: number | undefined
  readonly LastEvaluatedKey?: Item | undefined
}): PageOf {
  const { Items = [], Count = Items.length, LastEvaluatedKey = null } = answer
  return { items: Items, count: Count, next: LastEvaluatedKey }
}

async function pause(inVain: number): Promise<void> {
  if (inVain === ATTEMPTS)
    throw new BffError('store_unavailable', 'DynamoDB has too much to do. Try again shortly.')
  await systemClock.sleep(Math.random() * FIRST_WAIT_MS * 2 ** (inVain - 1))
}
