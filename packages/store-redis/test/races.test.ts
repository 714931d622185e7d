import { fileURLToPath } from 'node:url'
import { forkRacer, raceLogout } from '@bff/store-testkit/races'
import { onTestFinished, test } from 'vitest'
import { redisStore } from '../src/index.ts'
import { START } from './harness.ts'
import { startRedis } from './servers.ts'

test('two processes, 10,000 races each of logout against refresh, touch and update: nothing is back [STO-01]', async () => {
  const server = await startRedis()
  onTestFinished(() => server.stop())
  const { sessions } = redisStore({ url: server.url, prefix: 'races:', operationTimeoutMs: 30_000 })
  const racer = forkRacer(fileURLToPath(new URL('races.worker.ts', import.meta.url)), [server.url])
  onTestFinished(() => void racer.kill())
  await raceLogout(sessions, racer, { now: START, times: Number(process.env['BFF_RACES'] ?? 10_000) })
  await sessions.close()
}, 240_000)
