import { isBffError } from '@bff/core'
import { Redis } from 'ioredis'
import { createSentinel } from 'redis'
import { describe, expect, test } from 'vitest'
import { type RedisStoreOptions, redisStore } from '../src/index.ts'
import { createClient } from '../src/ioredis/client.ts'
import { redisStore as nodeRedisStore } from '../src/node-redis/index.ts'
import { readStoreOptions } from '../src/options.ts'

const url = 'redis://localhost:6379'
const node = { host: 'localhost', port: 6379 }

describe('wrong options are told in a sentence, without their values [S3-2]', () => {
  const client = new Redis({ lazyConnect: true })
  const cases: readonly (readonly [RedisStoreOptions, string])[] = [
    [{}, 'client, url, sentinels and cluster are missing. Set one of them, or its environment variable'],
    [{ url: '' }, 'url is empty. Set it, or its environment variable: it must be a redis://'],
    [{ url: 'http://secret@host' }, 'url must be'],
    [{ url, cluster: [node] }, 'url and cluster exclude each other'],
    [{ cluster: [] }, 'at least one node'],
    [{ cluster: [{ host: ' ', port: 1 }] }, 'at least one node'],
    [{ cluster: [{ host: 'h', port: 0 }] }, 'at least one node'],
    [{ sentinels: [node] }, 'sentinels and name'],
    [{ sentinels: [node], name: ' ' }, 'name is empty'],
    [{ url, name: 'primary' }, 'sentinels and name'],
    [{ url, db: -1 }, 'db must be'],
    [{ url, db: 1.5 }, 'db must be'],
    [{ url: `${url}/x` }, 'database index'],
    [{ cluster: [node], db: 1 }, 'no db'],
    [{ client, password: 'secret' }, 'client brings its own'],
    [{ url, prefix: '' }, 'prefix is empty'],
    [{ url, prefix: '  ' }, 'prefix is empty'],
    [{ url, prefix: '{a}:' }, 'braces'],
    [{ url, operationTimeoutMs: 0 }, 'operationTimeoutMs'],
    [{ url, operationTimeoutMs: -1 }, 'operationTimeoutMs'],
    [{ url, operationTimeoutMs: Number.NaN }, 'operationTimeoutMs'],
    [{ url, retainRevokedMs: 0 }, 'retainRevokedMs'],
    [{ url, durable: { replicas: 0 } }, 'durable.replicas'],
    [{ url, durable: { replicas: 1, timeoutMs: 0 } }, 'durable.timeoutMs'],
    [{ url, tls: { minVersion: 'TLSv1.1' } }, 'TLS before 1.2'],
    [{ url, tls: { maxVersion: 'TLSv1' } }, 'TLS before 1.2'],
  ]
  for (const [options, sentence] of cases) {
    test(`${sentence}: ${JSON.stringify({ ...options, client: undefined })}`, () => {
      const error = thrownBy(() => redisStore(options))
      expect(isBffError(error, 'invalid_config')).toBe(true)
      expect(String(error)).toContain(sentence)
      expect(String(error)).not.toMatch(/secret|localhost/)
    })
  }
})

test('a client of node-redis of another kind is refused with the remedy', () => {
  const sentinel = createSentinel({ name: 'primary', sentinelRootNodes: [node] })
  for (const client of [sentinel, { duplicate: () => {} }]) {
    const error = thrownBy(() => nodeRedisStore({ client }))
    expect(isBffError(error, 'invalid_config')).toBe(true)
    expect(String(error)).toContain('createClient or createCluster of node-redis')
  }
})

test('an option there is not is refused, with the known ones named', () => {
  const refused = (options: object) => String(thrownBy(() => redisStore({ url, ...options })))
  expect(refused({ operationTimeout: 5 })).toMatch(
    /Unknown option operationTimeout of redisStore\. .*operationTimeoutMs.*retainRevokedMs/,
  )
  expect(refused({ durable: { replica: 1 } })).toMatch(/Unknown option replica of durable\. .*replicas/)
})

test('TLS is 1.2 or newer, by option and by address [S3-3]', () => {
  for (const options of [{ url: 'rediss://h' }, { url, tls: true }, { url, tls: { ca: 'ca' } }]) {
    expect(settingsOf(options).tls).toMatchObject({ minVersion: 'TLSv1.2' })
  }
  expect(settingsOf({ url, tls: { minVersion: 'TLSv1.3' } }).tls).toMatchObject({ minVersion: 'TLSv1.3' })
  expect(settingsOf({ url }).tls).toBeUndefined()
})

test('RESP2, without telling the server who is calling [S3-4]', () => {
  expect(settingsOf({ url })).toMatchObject({ protocol: 2, disableClientInfo: true })
})

test('nothing is queued or sent again, also not with the settings of a client of the app [STO-10, STO-16]', () => {
  const client = new Redis({ lazyConnect: true, maxRetriesPerRequest: 20, keyPrefix: 'app:', db: 3 })
  for (const options of [{ url }, { client }]) {
    expect(settingsOf(options)).toMatchObject({
      enableOfflineQueue: false,
      autoResendUnfulfilledCommands: false,
      maxRetriesPerRequest: 0,
      commandTimeout: 250,
      connectTimeout: 250,
    })
  }
  expect(settingsOf({ client })).toMatchObject({ keyPrefix: 'app:', db: 3 })
})

test('an address carries user, password and database; options win', () => {
  const address = 'redis://us%40er:p%3Ass@[::1]:7000/4'
  const expected = { host: '::1', port: 7000, username: 'us@er', password: 'p:ss', db: 4 }
  expect(settingsOf({ url: address })).toMatchObject(expected)
  expect(settingsOf({ url: address, password: 'other', db: 5 })).toMatchObject({ password: 'other', db: 5 })
  expect(settingsOf({ url: 'unix:///run/redis.sock' })).toMatchObject({ path: '/run/redis.sock' })
})

function settingsOf(options: RedisStoreOptions) {
  const client = createClient({ ...readStoreOptions(options), client: options.client }, 250)
  client.disconnect()
  return (client as Redis).options
}

function thrownBy(call: () => unknown): unknown {
  try {
    call()
  } catch (error) {
    return error
  }
  return null
}
