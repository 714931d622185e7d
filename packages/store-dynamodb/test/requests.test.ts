import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { type SessionHandle, systemClock } from '@bff/core'
import { HOUR, handle, refuses, revocation, session } from '@bff/store-testkit/fixtures'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { type DynamodbStores, dynamodbStore, tableDefinition } from '../src/index.ts'
import { encodeSession } from '../src/record.ts'
import { keyOf } from '../src/table.ts'
import { PLACE, START } from './harness.ts'
import { type Answer, type Seen, startStub } from './stub.ts'

const closers: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closers.splice(0)) await close()
})

async function open(answer: (seen: Seen, number: number) => Answer | Promise<Answer> = () => ({})) {
  const stub = await startStub(answer)
  const stores = dynamodbStore({ ...PLACE, endpoint: stub.endpoint, operationTimeoutMs: 10_000 })
  closers.push(stub.close, stores.sessions.close.bind(stores.sessions))
  return { stub, stores, operations: () => stub.seen.map(({ operation }) => operation) }
}

const one = handle('one')
const item = (over = {}) =>
  encodeSession(session(START, { handle: one, ...over }), { entry: 'entry', ticket: 0, waiting: false }, 0)

describe('consistency', () => {
  test('Every read is strongly consistent, and no index of DynamoDB is read', async () => {
    const entry = { ...keyOf({ pk: 'u#x', sk: `000000000000000 ${one} entry` }) }
    const { stub, stores } = await open(({ operation }) => (operation === 'Query' ? { Items: [entry] } : {}))
    const { sessions, ttl } = stores
    await sessions.get(one)
    await sessions.touch(one, START, START)
    await sessions.update(one, { updatedAt: START, organizationId: 'o' }, 1)
    await sessions.revoke(one, revocation(START))
    await sessions.list({ userId: 'user' })
    await sessions.list({ owner: 'any' })
    await sessions.countActive({ owner: 'any' }, START)
    await sessions.cleanup({ now: START, limit: 1, retainRevokedMs: 1 })
    await sessions.ping()
    await ttl.get('key')
    const reads = stub.seen.filter(({ operation }) => /Get|Query|Scan/.test(operation))
    expect(new Set(reads.map(({ operation }) => operation))).toEqual(
      new Set(['GetItem', 'Query', 'BatchGetItem', 'Scan']),
    )
    for (const { operation, body } of reads) {
      const read = operation === 'BatchGetItem' ? body.RequestItems.bff_sessions : body
      expect(read, operation).toMatchObject({ ConsistentRead: true })
      expect(body).not.toHaveProperty('IndexName')
    }
  })

  test('The entries of a session are written before the session', async () => {
    const { operations, stores } = await open()
    await stores.sessions.create(session(START))
    expect(operations()).toEqual(['BatchWriteItem', 'PutItem'])
  })

  test('The entries of new owners are written before the session moves to them', async () => {
    const { operations, stores } = await open(({ operation }) =>
      operation === 'GetItem' ? { Item: item() } : {},
    )
    await stores.sessions.update(one, { updatedAt: START, organizationId: 'o' }, 1)
    expect(operations()).toEqual(['GetItem', 'BatchWriteItem', 'UpdateItem'])
  })

  test('A session does not move when it was deleted and created again after the entries of its new owners were written', async () => {
    const { stub, stores } = await open(({ operation }) => (operation === 'GetItem' ? { Item: item() } : {}))
    await stores.sessions.update(one, { updatedAt: START, providerSessionId: 'sid' }, 1)
    const { ConditionExpression, ExpressionAttributeValues } = stub.seen.at(-1)?.body ?? {}
    expect(ConditionExpression).toContain('#entry = :entry')
    expect(ExpressionAttributeValues).toMatchObject({ ':entry': { S: 'entry' } })
  })
})

test('revokeAll that DynamoDB throttles half way revokes what it lets, throws, and revokes the rest when it is repeated [SS-34]', async () => {
  const names = ['one', 'two', 'three'].map((name) => handle(name))
  const entryOf = (name: string) => `entry of ${name.slice(0, 3)}`.replaceAll(' ', '-')
  const revoked = new Set<string>()
  const itemOf = (name: SessionHandle) => ({
    ...encodeSession(
      session(START, { handle: name, ...(revoked.has(name) && { revocation: revocation(START) }) }),
      { entry: entryOf(name), ticket: 0, waiting: false },
      0,
    ),
  })
  let isThrottled = true
  const { stores } = await open(({ operation, body }) => {
    if (operation === 'Query')
      return {
        Items: names.map((name) => keyOf({ pk: 'u#x', sk: `000000000000000 ${name} ${entryOf(name)}` })),
      }
    if (operation === 'BatchGetItem') return { Responses: { bff_sessions: names.map(itemOf) } }
    if (operation !== 'UpdateItem') return {}
    const name = names.find((one) => body.Key.pk.S === `s#${one}`) ?? handle('none')
    if (isThrottled && name === names[1]) return { exception: 'ProvisionedThroughputExceededException' }
    revoked.add(name)
    return { Attributes: itemOf(name) }
  })
  const told: SessionHandle[] = []
  const revokeAll = () =>
    stores.sessions.revokeAll({ userId: 'user' }, revocation(START), ({ handle }) => told.push(handle))
  await refuses('store_unavailable', revokeAll, 'throttled')
  expect(told.splice(0).sort()).toEqual([names[0], names[2]].sort())
  isThrottled = false
  expect((await revokeAll()).outcome).toBe('revoked')
  expect(told).toEqual([names[1]])
})

test('A session of a user with a limit is unseen until the sessions beyond the limit are revoked [SS-22]', async () => {
  let held = {}
  const found: unknown[] = []
  const { stub, stores } = await open(async ({ operation, body }) => {
    if (operation === 'PutItem') held = body.Item
    if (operation === 'Query') found.push(await stores.sessions.get(one))
    return operation === 'GetItem' ? { Item: held } : {}
  })
  await stores.sessions.create(session(START, { handle: one }), { maxPerUser: 1 })
  expect(found).toEqual([null])
  expect(stub.seen.at(-1)?.body).toMatchObject({
    Key: { pk: { S: `s#${one}` } },
    UpdateExpression: 'REMOVE #waiting',
  })
})

test('A session is created without a look at the clock: the caller passes the time', async () => {
  const stub = await startStub()
  const now = vi.fn(systemClock.now)
  const { sessions } = dynamodbStore({ ...PLACE, endpoint: stub.endpoint, clock: { ...systemClock, now } })
  closers.push(stub.close, sessions.close.bind(sessions))
  await sessions.create(session(START), { maxPerUser: 1 })
  expect(now).not.toHaveBeenCalled()
})

describe('faults', () => {
  const cut = () => 'cut' as const

  test('A write whose answer was lost is not sent again [STO-10]', async () => {
    const { operations, stores } = await open(cut)
    await refuses('store_unavailable', () => stores.ttl.set('key', 'value', HOUR))
    expect(operations()).toEqual(['PutItem'])
  })

  test('Nor is it with a client of the app that sends again itself [STO-10]', async () => {
    const stub = await startStub(cut)
    const client = new DynamoDBClient({ ...PLACE, endpoint: stub.endpoint, maxAttempts: 5 })
    const stores = dynamodbStore({ client })
    closers.push(stub.close)
    await refuses('store_unavailable', () => stores.ttl.set('key', 'value', HOUR))
    await stores.sessions.close()
    expect(stub.seen.length).toBe(1)
    // It is still the app's.
    await expect(client.config.maxAttempts()).resolves.toBe(5)
    client.destroy()
  })

  test('A read is sent once more when its connection broke, and no more than once', async () => {
    const { operations, stores } = await open((_, number) => (number === 1 ? 'cut' : { Item: item() }))
    expect(await stores.sessions.get(one)).toMatchObject({ handle: one })
    expect(operations()).toEqual(['GetItem', 'GetItem'])
    const broken = await open(cut)
    await refuses('store_unavailable', () => broken.stores.sessions.get(one))
    expect(broken.operations()).toEqual(['GetItem', 'GetItem'])
  })

  test('A server that refuses connections does not make each call ask for credentials again', async () => {
    const stub = await startStub()
    await stub.close()
    let asked = 0
    const credentials = async () => {
      asked++
      return PLACE.credentials
    }
    const { sessions } = dynamodbStore({ ...PLACE, credentials, endpoint: stub.endpoint })
    closers.push(sessions.close.bind(sessions))
    for (let call = 0; call < 5; call++) await refuses('store_unavailable', () => sessions.get(one))
    expect(asked).toBe(1)
  })

  test('A throttled write is sent again, because DynamoDB did not run it', async () => {
    const throttled = { exception: 'ProvisionedThroughputExceededException' }
    const { operations, stores } = await open((_, number) => (number < 4 ? throttled : {}))
    await stores.ttl.set('key', 'value', HOUR)
    expect(operations().length).toBe(4)
  })

  test('A write that stays throttled throws store_unavailable, which names the exception alone', async () => {
    const { stores } = await open(() => ({ exception: 'ThrottlingException' }))
    const error = await refuses('store_unavailable', () => stores.ttl.set('key', 'value', HOUR))
    expect(error.cause).toMatchObject({ code: 'ThrottlingException', message: 'ThrottlingException' })
  })

  test('An exception of DynamoDB is passed on by its name, without its text [SS-24]', async () => {
    const { stores } = await open(() => ({ exception: 'ResourceNotFoundException' }))
    const error = await refuses('store_unavailable', () => stores.sessions.get(one))
    expect(error.message).toContain('check()')
    expect(String(error.cause)).not.toContain('secret')
  })

  test('What DynamoDB did not process for now is read and written again', async () => {
    const names = Array.from({ length: 3 }, (_, number) => handle(number))
    const entries = names.map((name) => keyOf({ pk: 'u#x', sk: `000000000000000 ${name} entry` }))
    let written = 0
    const { stores, operations } = await open(({ operation, body }) => {
      if (operation === 'Query') return { Items: entries }
      if (operation === 'BatchWriteItem') return written++ > 0 ? {} : { UnprocessedItems: body.RequestItems }
      if (operation !== 'BatchGetItem') return {}
      const [first, ...left] = body.RequestItems.bff_sessions.Keys
      const found = { ...item(), ...first }
      const Responses = { bff_sessions: [found] }
      return left.length === 0
        ? { Responses }
        : { Responses, UnprocessedKeys: { bff_sessions: { Keys: left } } }
    })
    const { records } = await stores.sessions.list({ userId: 'user' })
    expect(records.map((record) => record.handle)).toEqual(names)
    await stores.sessions.create(session(START))
    expect(operations().filter((operation) => operation === 'BatchWriteItem').length).toBe(2)
  })

  test('What DynamoDB does not process at all throws store_unavailable', async () => {
    const { stores } = await open(({ body }) => ({ UnprocessedItems: body.RequestItems }))
    await refuses('store_unavailable', () => stores.sessions.create(session(START)))
  })
})

describe('check', () => {
  const { KeySchema, AttributeDefinitions } = tableDefinition()
  const table = { KeySchema, AttributeDefinitions, TableStatus: 'ACTIVE' }
  const enabled = { TimeToLiveStatus: 'ENABLED', AttributeName: 'deleteAt' }
  const said = async (Table: object | null, TimeToLiveDescription: object) => {
    const { stores } = await open(({ operation }) => {
      if (operation === 'DescribeTimeToLive') return { TimeToLiveDescription }
      return Table === null ? { exception: 'ResourceNotFoundException' } : { Table }
    })
    return (stores as DynamodbStores).check().then(
      () => 'ready',
      (error: Error) => error.message,
    )
  }

  test('It resolves when the table has the keys and its Time to Live is enabled', async () => {
    expect(await said(table, enabled)).toBe('ready')
  })

  test.each([
    ['does not exist', null, enabled],
    ['cannot be used: its status is CREATING', { ...table, TableStatus: 'CREATING' }, enabled],
    ['has other keys', { ...table, KeySchema: KeySchema?.slice(0, 1) }, enabled],
    ['has other keys', { ...table, AttributeDefinitions: [] }, enabled],
    ['keeps what has expired', table, { TimeToLiveStatus: 'DISABLED' }],
    ['keeps what has expired', table, { ...enabled, AttributeName: 'other' }],
  ])('It says that the table %s', async (sentence, found, ttl) => {
    expect(await said(found, ttl)).toContain(sentence)
  })
})

test('A client of the app and settings of a connection exclude each other', () => {
  const client = new DynamoDBClient(PLACE)
  expect(() => dynamodbStore({ client, region: 'eu-west-1' })).toThrow('Remove region, endpoint, credentials')
})

test('The client of the app decides where DynamoDB is', async () => {
  const hosts: string[] = []
  const client = new DynamoDBClient({
    ...PLACE,
    requestHandler: {
      handle: async (request: { hostname: string }) => {
        hosts.push(request.hostname)
        throw new Error('cut')
      },
    } as never,
  })
  await refuses('store_unavailable', () => dynamodbStore({ client }).sessions.get(one))
  expect(new Set(hosts)).toEqual(new Set(['dynamodb.eu-central-1.amazonaws.com']))
})
