import { setTimeout as sleep } from 'node:timers/promises'
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { isBffError, type Stores } from '@bff/core'
import { DAY, HOUR, handle, revocation } from '@bff/store-testkit/fixtures'
import { manualClock, START } from '@bff/test-support/clock'
import { testOptions } from '@bff/test-support/options'
import { afterAll } from 'vitest'
import { type DynamodbStoreOptions, dynamodbStore } from '../src/index.ts'
import { PLACE } from './harness.ts'
import { type Seen, startStub } from './stub.ts'

const [stub, other, slow] = [
  await startStub(),
  await startStub(),
  await startStub(async () => {
    await sleep(100)
    return {}
  }),
]
const { endpoint } = stub
const client = new DynamoDBClient({ ...PLACE, endpoint: other.endpoint })
afterAll(async () => {
  client.destroy()
  for (const one of [stub, other, slow]) await one.close()
})

const read = ({ sessions }: Stores) => sessions.get(handle('one'))

/** Of the two servers, what the last request shows. */
async function shownBy(
  options: DynamodbStoreOptions,
  call: (stores: Stores) => Promise<unknown>,
  show: (seen: Seen) => unknown,
) {
  stub.seen.length = other.seen.length = 0
  const stores = dynamodbStore(options)
  await call(stores)
  await stores.sessions.close()
  const last = [...stub.seen, ...other.seen].at(-1)
  return last && show(last)
}

const where = async (options: DynamodbStoreOptions) => {
  await shownBy(options, read, () => null)
  return stub.seen.length > 0 ? 'stub' : 'other'
}

testOptions<DynamodbStoreOptions>('DynamodbStoreOptions', {
  client: {
    set: client,
    see: (options) => where(options.client ? options : { ...PLACE, endpoint }),
    shows: ['stub', 'other'],
  },
  region: {
    instead: 'us-east-1',
    set: 'eu-west-1',
    see: (options) => shownBy({ ...PLACE, endpoint, ...options }, read, ({ region }) => region),
    shows: ['us-east-1', 'eu-west-1'],
  },
  endpoint: {
    instead: endpoint,
    set: other.endpoint,
    see: (options) => where({ ...PLACE, ...options }),
    shows: ['stub', 'other'],
  },
  credentials: {
    instead: { accessKeyId: 'one', secretAccessKey: 'secret' },
    set: { accessKeyId: 'another', secretAccessKey: 'secret' },
    see: (options) => shownBy({ ...PLACE, endpoint, ...options }, read, ({ accessKey }) => accessKey),
    shows: ['one', 'another'],
  },
  table: {
    set: 'mine',
    see: (options) => shownBy({ ...PLACE, endpoint, ...options }, read, ({ body }) => body.TableName),
    shows: ['bff_sessions', 'mine'],
  },
  retainRevokedMs: {
    set: DAY,
    see: (options) =>
      shownBy(
        { ...PLACE, endpoint, ...options },
        // The stub has no session: what is written is seen before that shows.
        ({ sessions }) => sessions.revoke(handle('one'), revocation(START)),
        () => Number(stub.seen[0]?.body.ExpressionAttributeValues[':deleteAt'].N) * 1000 - START,
      ),
    shows: [7 * DAY, DAY],
  },
  operationTimeoutMs: {
    instead: 5000,
    set: 20,
    async see(options) {
      const stores = dynamodbStore({ ...PLACE, endpoint: slow.endpoint, ...options })
      const outcome = await read(stores).catch((error: unknown) => isBffError(error) && error.code)
      await stores.sessions.close()
      return outcome
    },
    shows: [null, 'store_unavailable'],
  },
  clock: {
    set: manualClock(),
    see: (options) =>
      shownBy(
        { ...PLACE, endpoint, ...options },
        ({ ttl }) => ttl.set('key', 'value', HOUR),
        ({ body }) => Number(body.Item.until.N) === START + HOUR,
      ),
    shows: [false, true],
  },
})
