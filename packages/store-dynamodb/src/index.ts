import type { CreateTableCommandInput, DynamoDBClient, DynamoDBClientConfig } from '@aws-sdk/client-dynamodb'
import type { Clock, Stores } from '@bff/core'
import { createAttachment, invalidOptions, option, readOptions } from '@bff/core/authoring'
import { inProcessEventBus } from '@bff/core/store'
import { checkTable } from './check.ts'
import { Connection } from './connection.ts'
import { DynamodbSessionStore } from './sessions.ts'
import { Table } from './table.ts'
import { DynamodbTtlStore } from './ttl.ts'

export { DynamodbError } from './errors.ts'

export interface DynamodbStoreOptions {
  /**
   * The app's own client. The store uses its settings for a client of its own, which sends nothing twice, and does not change or
   * close it.
   */
  readonly client?: DynamoDBClient
  /** The AWS region. @default what the AWS SDK finds, such as `AWS_REGION` */
  readonly region?: string
  /** The address of DynamoDB, such as that of an emulator. @default the public one of the region */
  readonly endpoint?: string
  /** The credentials, or a function that returns them. @default what the AWS SDK finds, such as the role of the machine */
  readonly credentials?: NonNullable<DynamoDBClientConfig['credentials']>
  /** The name of the table. @default 'bff_sessions' */
  readonly table?: string
  /** How long a revoked session is kept, in milliseconds from its revocation. @default 604_800_000 (7 days) */
  readonly retainRevokedMs?: number
  /** The longest wait for one response of DynamoDB, including the time to connect, in milliseconds. @default 3000 */
  readonly operationTimeoutMs?: number
  /** The clock for the expiry of short-lived values; all processes need the same time. @default the clock of the BFF */
  readonly clock?: Clock
}

/** The stores of {@link dynamodbStore}. Closing `sessions` closes `ttl` too. */
export interface DynamodbStores extends Stores {
  /**
   * Resolves when the table has the keys that the store needs, and deletes what has expired.
   *
   * @throws BffError `invalid_config` with a sentence that says what is missing, `store_unavailable` on a fault
   */
  check(): Promise<void>
}

const DAY_MS = 86_400_000
const LONGEST_MS = Number.MAX_SAFE_INTEGER
/** What a timer can count. */
const LONGEST_WAIT_MS = 2 ** 31 - 1
const TABLE = 'bff_sessions'

/**
 * Makes a store in one table of DynamoDB, in one region. Every change is a conditional write of one item, and every read is
 * strongly consistent. It never creates or changes the table: `check()` verifies it. Events stay in this process.
 *
 * It connects on first use. While DynamoDB does not answer, every call throws `store_unavailable` within
 * `operationTimeoutMs` for each response it needs. It recovers by itself.
 *
 * @throws BffError `invalid_config` when an option is wrong
 * @example
 * ```ts
 * import { dynamodbStore } from '@bff/store-dynamodb'
 *
 * export const store = dynamodbStore()
 * await store.check()
 * ```
 */
export function dynamodbStore(options: DynamodbStoreOptions = {}): DynamodbStores {
  const settings = readOptions('dynamodbStore', options, {
    client: option.given<DynamoDBClient>(),
    region: option.optional(option.text()),
    endpoint: option.optional(option.text()),
    credentials: option.given<NonNullable<DynamoDBClientConfig['credentials']>>(),
    table: option.text(TABLE),
    retainRevokedMs: option.number(7 * DAY_MS, 1, LONGEST_MS),
    operationTimeoutMs: option.number(3000, 1, LONGEST_WAIT_MS),
    clock: option.clock(),
  })
  const { client, region, endpoint, credentials, retainRevokedMs } = settings
  if (client !== undefined && [region, endpoint, credentials].some((own) => own !== undefined))
    throw invalidOptions(
      'dynamodbStore',
      'client brings its own connection settings. Remove region, endpoint, credentials',
    )
  const connection = new Connection(settings)
  const table = new Table(connection, settings.table)
  const attachment = createAttachment({ clock: settings.clock })
  return {
    sessions: new DynamodbSessionStore({ connection, table, retainRevokedMs }),
    ttl: new DynamodbTtlStore(table, attachment),
    events: inProcessEventBus(),
    check: () => checkTable(connection, settings.table),
  }
}

/**
 * Returns what `CreateTableCommand` needs to make the table. Enable its Time to Live on the attribute `deleteAt` after that.
 *
 * @param table the name of the table. @default 'bff_sessions'
 */
export function tableDefinition(table = TABLE): CreateTableCommandInput {
  return {
    TableName: table,
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: [
      { AttributeName: 'pk', AttributeType: 'S' },
      { AttributeName: 'sk', AttributeType: 'S' },
    ],
    KeySchema: [
      { AttributeName: 'pk', KeyType: 'HASH' },
      { AttributeName: 'sk', KeyType: 'RANGE' },
    ],
  }
}
