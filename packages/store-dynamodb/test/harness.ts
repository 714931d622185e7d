import {
  CreateTableCommand,
  DescribeTableCommand,
  DynamoDBClient,
  GetItemCommand,
} from '@aws-sdk/client-dynamodb'
import { type Clock, type SessionHandle, systemClock } from '@bff/core'
import { type DynamodbStoreOptions, dynamodbStore, tableDefinition } from '../src/index.ts'
import { decodeSession, sessionKey } from '../src/record.ts'
import { keyOf } from '../src/table.ts'

export const START = Date.UTC(2030, 0, 1)
let opened = 0

/** What the client needs; an emulator takes any. */
export const PLACE = {
  region: 'eu-central-1',
  credentials: { accessKeyId: 'access', secretAccessKey: 'secret' },
} as const

/** Reaches DynamoDB behind the adapter's back. */
export function backdoor(endpoint: string) {
  const client = new DynamoDBClient({ ...PLACE, endpoint })
  return {
    client,
    peek: async (table: string, handle: SessionHandle) => {
      const key = keyOf(sessionKey(handle))
      const { Item } = await client.send(
        new GetItemCommand({ TableName: table, Key: key, ConsistentRead: true }),
      )
      return Item === undefined ? null : decodeSession(Item)
    },
    makeTable: async (table = `laws${opened++}`) => {
      await client.send(new CreateTableCommand(tableDefinition(table)))
      const describe = new DescribeTableCommand({ TableName: table })
      // Each request is a wait of its own.
      while ((await client.send(describe)).Table?.TableStatus !== 'ACTIVE');
      return table
    },
    close: () => client.destroy(),
  }
}

/** Fresh stores in a new table. Their clock is the test's. */
export async function openDynamodb(options: DynamodbStoreOptions, back: ReturnType<typeof backdoor>) {
  const table = await back.makeTable()
  let now = START
  const clock: Clock = { ...systemClock, now: () => now, monotonic: () => now }
  const open = () => dynamodbStore({ ...PLACE, table, clock, operationTimeoutMs: 60_000, ...options })
  const [stores, another] = [open(), open()]
  return {
    table,
    stores,
    // Events stay in the process.
    another: { ...another, events: stores.events },
    now: () => now,
    advance: async (ms: number) => {
      now += ms
    },
    peek: (handle: SessionHandle) => back.peek(table, handle),
    close: async () => void (await Promise.all([stores.sessions.close(), another.sessions.close()])),
  }
}
