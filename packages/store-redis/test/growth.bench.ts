import { fullSession, handle, session } from '@bff/store-testkit/fixtures'
import { Redis } from 'ioredis'
import { redisStore } from '../src/index.ts'
import { Keys } from '../src/keys.ts'
import { encodeFields } from '../src/record.ts'
import { startRedis } from './servers.ts'

/**
 * `node --import tsx --conditions=@bff/source test/growth.bench.ts`: medians in milliseconds by number of sessions.
 * `BFF_SIZES=1000,1000000` chooses the numbers, `BFF_ROUNDS` the rounds.
 */
const SIZES = (process.env['BFF_SIZES'] ?? '1000,10000,100000').split(',').map(Number)
const ROUNDS = Number(process.env['BFF_ROUNDS'] ?? 41)
const now = Date.now()
const BATCH = 500
const LIFE_MS = 7 * 86_400_000
const keys = new Keys('bff:')

const stands: Awaited<ReturnType<typeof open>>[] = []
for (const size of SIZES) stands.push(await open(size))
const samples = new Map<string, number[]>()

for (let round = 0; round < ROUNDS; round++) {
  for (const { size, sessions } of stands) {
    const user = `user${(round * 37) % (size / 10)}`
    const known = handle(`${user}.3`)
    await timed('get', size, 50, () => sessions.get(known))
    const record = await sessions.get(known)
    let version = record?.version ?? 1
    await timed('update', size, 50, async () => {
      await sessions.update(known, { updatedAt: now, accessTokenEncrypted: new Uint8Array(1000) }, version++)
    })
    await timed('touch', size, 50, () => sessions.touch(known, now + round, now + 1000))
    await timed('list of 10', size, 20, () => sessions.list({ userId: user }))
    for (let start = 0; start < 100; start += 50) {
      await Promise.all(
        Array.from({ length: 50 }, (_, index) =>
          sessions.create(
            session(now, {
              handle: handle(`dead${start + index}`),
              userId: `dead${index}`,
              expiresAt: now - 1,
            }),
          ),
        ),
      )
    }
    await timed('cleanup of 100', size, 1, () => sessions.cleanup({ now, limit: 100, retainRevokedMs: 1 }))
  }
}
for (const name of new Set([...samples.keys()].map((key) => key.split('@')[0]))) {
  // The lowest decile is, on a busy machine, what the calls themselves take.
  for (const [share, label] of [
    [0.5, String(name)],
    [0.1, '  lowest decile'],
  ] as const) {
    const times = SIZES.map((size) => quantile(samples.get(`${name}@${size}`) ?? [], share))
    const spread = Math.max(...times) / Math.min(...times)
    console.log(label.padEnd(16), times.map((ms) => ms.toFixed(3)).join('  '), `spread ${spread.toFixed(2)}`)
  }
}
for (const { size, bytes, stop } of stands) {
  console.log(`${size} sessions: ${Math.round(bytes)} bytes each`)
  await stop()
}

async function open(size: number) {
  const server = await startRedis()
  const redis = new Redis(server.url)
  const { sessions } = redisStore({ url: server.url, operationTimeoutMs: 60_000 })
  const used = async () => Number(/used_memory:(\d+)/.exec(await redis.info('memory'))?.[1])
  const before = await used()
  for (let start = 0; start < size; start += BATCH) await seed(redis, start)
  const bytes = ((await used()) - before) / size
  const stop = async () => {
    redis.disconnect()
    await sessions.close()
    await server.stop()
  }
  return { size, sessions, bytes, stop }
}

/** What `create` leaves of a batch of sessions, ten for each user, in one pipeline. */
async function seed(redis: Redis, start: number): Promise<void> {
  const pipeline = redis.pipeline()
  for (let index = start; index < start + BATCH; index++) {
    const user = `user${Math.floor(index / 10)}`
    const ids = { handle: handle(`${user}.${index % 10}`), userId: user, providerSessionId: user }
    const record = fullSession(now, { ...ids, organizationId: null })
    const [key, living] = keys.session(record.handle)
    pipeline.hset(key, ...encodeFields(record).set, 'q', now * 1000 + index)
    pipeline.pexpire(key, record.expiresAt - now + LIFE_MS)
    pipeline.zadd(living, record.expiresAt, record.handle)
    pipeline.pexpire(living, LIFE_MS)
    for (const owner of keys.indexes(record)) {
      pipeline.zadd(owner, -now, record.handle)
      pipeline.pexpire(owner, LIFE_MS)
    }
  }
  await pipeline.exec()
}

async function timed(name: string, size: number, times: number, call: () => Promise<unknown>): Promise<void> {
  const key = `${name}@${size}`
  const all = samples.get(key) ?? []
  samples.set(key, all)
  for (let index = 0; index < times; index++) {
    const start = performance.now()
    await call()
    all.push(performance.now() - start)
  }
}

function quantile(values: readonly number[], share: number): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length * share)] ?? Number.NaN
}
