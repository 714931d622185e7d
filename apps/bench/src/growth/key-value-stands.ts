import { memoryStore } from '@bff/store-memory'
import { redisStore } from '@bff/store-redis'
import { Redis } from 'ioredis'
import type { Surroundings } from '../protocol.ts'
import { fill, type Stand } from './stand.ts'

/** The bytes that this process holds, after a collection. */
function heldBytes(): number {
  // With `--expose-gc`. The second call frees what the first one only found.
  globalThis.gc?.()
  globalThis.gc?.()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

export async function openMemory(size: number): Promise<Stand> {
  const before = heldBytes()
  const { sessions } = memoryStore({ maxSessions: size })
  await fill(sessions, size)
  const bytes = heldBytes() - before
  return { size, sessions, bytes: async () => bytes, stop: () => sessions.close() }
}

export async function openRedis(size: number, { redis = '' }: Surroundings): Promise<Stand> {
  const client = new Redis(redis)
  const usedBytes = async () => Number(/used_memory:(\d+)/.exec(await client.info('memory'))?.[1])
  const before = await usedBytes()
  const { sessions } = redisStore({ url: redis, operationTimeoutMs: 60_000 })
  await fill(sessions, size)
  const bytes = (await usedBytes()) - before
  return {
    size,
    sessions,
    bytes: async () => bytes,
    async stop() {
      client.disconnect()
      await sessions.close()
    },
  }
}
