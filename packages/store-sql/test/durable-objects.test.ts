import { readFileSync } from 'node:fs'
import { DAY, HOUR, handle, session } from '@bff/store-testkit/fixtures'
import { manualClock } from '@bff/test-support/clock'
import { testOptions } from '@bff/test-support/options'
import { afterAll, describe, expect, onTestFinished, test } from 'vitest'
import {
  type DurableObjectStoreOptions,
  durableObjectStore,
  type SessionsNamespace,
  type SessionsObjectOptions,
} from '../src/drivers/durable-objects.ts'
import startDurableObjects from './durable-objects.ts'
import type { Sessions } from './durable-objects.worker.ts'
import { startWorkerd } from './workerd.ts'

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
const { laws, miniflare } = await startDurableObjects()
afterAll(() => miniflare.dispose())

/** The bindings, which Miniflare lends to Node. */
const [namespace, retaining, upgraded] = (await Promise.all(
  ['SESSIONS', 'RETAINING', 'UPGRADED'].map((name) => miniflare.getDurableObjectNamespace(name)),
)) as unknown as [
  DurableObjectNamespace<Sessions>,
  DurableObjectNamespace<Sessions>,
  DurableObjectNamespace<Sessions>,
]
const objectOf = (from: DurableObjectNamespace<Sessions>, name: string) => from.get(from.idFromName(name))
const restart = (name: string) =>
  objectOf(namespace, name)
    .restart()
    .catch(() => {})

describe('a Durable Object', () => {
  for (const { name, run } of laws) test(name, run, 60_000)
})

const seen = async (scene: string) => (await miniflare.dispatchFetch(`http://localhost/${scene}`)).json()

test('One BFF serves the requests of an isolate, each of which has stubs of its own', async () => {
  const [cookie = ''] = String(await seen('signIn')).split(';')
  for (const _ of [1, 2]) {
    const response = await miniflare.dispatchFetch('http://localhost/bff/session', {
      headers: { cookie, 'x-csrf': '1' },
    })
    expect(await response.json()).toMatchObject({ authenticated: true })
  }
})

test('The Worker of the README answers, with the bindings that its configuration names', async () => {
  const blocks = readme.matchAll(/```(?:ts|json)\n(.*?)```/gs)
  const [text = '', json = ''] = Array.from(blocks, ([, code]) => code).slice(-2)
  const { durable_objects: objects, migrations } = JSON.parse(json) as {
    durable_objects: { bindings: { name: string; class_name: string }[] }
    migrations: { new_sqlite_classes: string[] }[]
  }
  const isNew = (name: string) => migrations.some(({ new_sqlite_classes: names }) => names.includes(name))
  const durableObjects = objects.bindings.map(({ name, class_name: className }) => [
    name,
    { className, useSQLite: isNew(className) },
  ])
  const worker = await startWorkerd(
    { text },
    { durableObjects: Object.fromEntries(durableObjects), bindings: { BFF_ENCRYPTION_KEY: 'k'.repeat(43) } },
  )
  onTestFinished(() => worker.dispose())
  const cookie = `__Host-Http-bff=${'a'.repeat(43)}`
  const response = await worker.dispatchFetch('http://localhost/bff/session', {
    headers: { cookie, 'x-csrf': '1' },
  })
  expect([response.status, await response.json()]).toEqual([200, { authenticated: false }])
})

test('What was acknowledged is there after the object restarts, and every other write throws store_unavailable [STO-15]', async () => {
  const writes = (await seen('restart')) as { told: unknown; found: string | null }[]
  const stored = writes.filter(({ told }) => told === 'stored')
  const failed = writes.filter(({ told }) => told !== 'stored')
  expect(stored.length).toBeGreaterThanOrEqual(10)
  expect(stored.map(({ found }) => found)).toEqual(stored.map(() => 'value'))
  expect(failed.length).toBeGreaterThan(0)
  for (const { told } of failed) expect(told).toEqual(['store_unavailable', 'durableObjectReset'])
})

test('A statement whose answer is lost is not sent again [STO-10]', async () => {
  expect(await seen('mute')).toEqual({ told: ['store_unavailable', 'durableObjectReset'], statements: 1 })
})

test('An object with too much to do is not called again, and the error says so [STO-10]', async () => {
  let calls = 0
  const overloaded = async () => {
    calls++
    // As Cloudflare documents it; workerd on its own lets any number of calls wait.
    throw Object.assign(new Error('Durable Object is overloaded.'), { overloaded: true, retryable: true })
  }
  const stores = durableObjectStore({
    namespace: { idFromName: () => null, get: () => ({ query: overloaded, batch: overloaded }) },
  })
  const refusal = { code: 'store_unavailable', cause: { code: 'overloaded' } }
  await expect(stores.ttl.get('key')).rejects.toMatchObject(refusal)
  expect(calls).toBe(1)
})

test('A missing binding is refused at construction', () => {
  const { namespace } = {} as DurableObjectStoreOptions
  expect(() => durableObjectStore({ namespace })).toThrow(
    expect.objectContaining({ code: 'invalid_config', message: expect.stringContaining('binding') }),
  )
})

test('An error of SQLite keeps its code on its way out of the object, and loses what may be data', async () => {
  const { told, said } = (await seen('refuse')) as { told: unknown; said: string }
  expect(told).toEqual(['invalid_argument', expect.stringMatching(/^SQLITE_CONSTRAINT/)])
  expect(said).toContain('SQLITE_CONSTRAINT')
  expect(said).not.toContain('the-secret')
})

test('A batch is one transaction', async () => {
  const object = objectOf(namespace, 'batch')
  const insert = { text: 'insert into bff_ttl values (?, ?, 0)', values: ['key', 'value'] }
  await expect(object.batch([insert, insert])).rejects.toThrow()
  expect(await object.query('select count(*) from bff_ttl', [])).toEqual([[0]])
})

test('An object makes its tables, and adds what a later version needs without a loss [STO-19]', async () => {
  await durableObjectStore({ namespace }).check()
  await durableObjectStore({ namespace: upgraded }).check()
  expect(await objectOf(upgraded, 'sessions').query('select value from bff_ttl', [])).toEqual([['kept']])

  await objectOf(namespace, 'outdated').query('drop index idx_bff_ttl_expires_at', [])
  await expect(durableObjectStore({ namespace, name: 'outdated' }).check()).rejects.toThrow(
    'no index on (expires_at). Deploy the class',
  )
})

/** More than one run of the alarm deletes. */
const MANY_EXPIRED = `
  with recursive numbers (n) as (select 1 union all select n + 1 from numbers where n < 700)
  insert into bff_sessions (id, version, secret_hash, user_id, metadata,
    created_at, updated_at, last_accessed_at, expires_at, absolute_expires_at)
  select n, 1, '', 'expired', '{}', 0, 0, 0, 1, 1 from numbers`

test('The alarm deletes all that has ended, is there for as long as anything is left, and a restart does not move it [STO-17]', async () => {
  const name = 'cleanup'
  const { sessions, ttl } = durableObjectStore({ namespace, name })
  const object = () => objectOf(namespace, name)
  const now = Date.now()
  await sessions.create(session(now, { handle: handle('active') }))
  await object().query(MANY_EXPIRED, [])
  await ttl.set('short', 'value', 1)
  await ttl.set('long', 'value', HOUR)

  const first = await object().alarmAt()
  expect(first).toBeGreaterThan(now)
  expect(first).toBeLessThanOrEqual(Date.now() + HOUR)
  await restart(name)
  await ttl.get('long')
  expect(await object().alarmAt()).toBe(first)

  // Only the alarm is asked for: a call of the store would set one.
  await object().setAlarmAt(Date.now())
  let second: number | null
  do second = await object().alarmAt()
  while ((second ?? 0) <= (first ?? 0))
  expect(await sessions.countActive({ userId: 'expired' }, 0)).toBe(0)
  expect(await sessions.get(handle('active'))).not.toBeNull()
  expect(await object().query('select count(*) from bff_ttl', [])).toEqual([[1]])

  await sessions.delete(handle('active'))
  await ttl.take('long')
  await object().setAlarmAt(Date.now())
  while ((await object().alarmAt()) !== null);
  await ttl.get('long')
  expect(await object().alarmAt()).toBeGreaterThanOrEqual(second ?? 0)
})

/** In which of the objects a value arrives. */
async function writtenTo(options: Partial<DurableObjectStoreOptions>) {
  const objects = [
    [namespace, 'sessions'],
    [namespace, 'other'],
    [retaining, 'sessions'],
  ] as const
  for (const [from, name] of objects) await objectOf(from, name).query('delete from bff_ttl', [])
  await durableObjectStore({ namespace, ...options }).ttl.set('key', 'value', HOUR)
  const found = objects.map(([from, name]) => objectOf(from, name).query('select 1 from bff_ttl', []))
  return (await Promise.all(found)).map(({ length }) => length)
}

const codeOf = (call: Promise<unknown>) =>
  call.then(
    () => 'answered',
    ({ code }) => code,
  )
const clock = manualClock()

testOptions<DurableObjectStoreOptions>('DurableObjectStoreOptions', {
  namespace: {
    instead: namespace,
    set: retaining,
    see: writtenTo,
    shows: [
      [1, 0, 0],
      [0, 0, 1],
    ],
  },
  name: {
    set: 'other',
    see: writtenTo,
    shows: [
      [1, 0, 0],
      [0, 1, 0],
    ],
  },
  operationTimeoutMs: {
    set: 50,
    async see(options) {
      let release = () => {}
      const held = new Promise<void>((resolve) => {
        release = resolve
      })
      const slow: SessionsNamespace = {
        idFromName: () => null,
        get: () => ({
          query: (...statement) => held.then(() => objectOf(namespace, 'sessions').query(...statement)),
          batch: async () => [],
        }),
      }
      const read = (options: object) =>
        codeOf(durableObjectStore({ namespace: slow, ...options }).ttl.get('key'))
      const outcome = read(options)
      await read({ operationTimeoutMs: 100 })
      release()
      return outcome
    },
    shows: ['answered', 'store_unavailable'],
  },
  maxPending: {
    set: 2,
    see(options) {
      const { ttl } = durableObjectStore({ namespace, ...options })
      return Promise.all(['a', 'b', 'c'].map((key) => codeOf(ttl.get(key))))
    },
    shows: [
      ['answered', 'answered', 'answered'],
      ['answered', 'answered', 'store_unavailable'],
    ],
  },
  clock: {
    set: clock,
    async see(options) {
      const { ttl } = durableObjectStore({ namespace, ...options })
      await ttl.set('key', 'value', HOUR)
      clock.jump(HOUR)
      return ttl.get('key')
    },
    shows: ['value', null],
  },
})

testOptions<SessionsObjectOptions>('SessionsObjectOptions', {
  retainRevokedMs: {
    set: 30 * DAY,
    // The class `Retaining` has the option set.
    async see({ retainRevokedMs }) {
      const from = retainRevokedMs === undefined ? namespace : retaining
      const { sessions } = durableObjectStore({ namespace: from, name: 'retention' })
      const now = Date.now()
      for (const days of [1, 10, 100]) {
        const id = handle(`revoked ${days}`)
        await sessions.create(session(now, { handle: id }))
        const revocation = { reasonCode: 'signed_out', actorType: 'user', actorId: null } as const
        await sessions.revoke(id, { at: now - days * DAY, ...revocation })
      }
      await objectOf(from, 'retention').setAlarmAt(now)
      while ((await sessions.get(handle('revoked 100'))) !== null);
      const kept = [1, 10].map((days) => sessions.get(handle(`revoked ${days}`)))
      return (await Promise.all(kept)).filter((record) => record !== null).length
    },
    shows: [1, 2],
  },
})
