import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { SessionHandle } from '@bff/core'
import { WIPED } from '@bff/core/store'
import { fullSession, handle, revocation } from '@bff/store-testkit/fixtures'
import { expect, onTestFinished, test } from 'vitest'
import { redisStore } from '../src/index.ts'
import { START } from './harness.ts'
import { startRedis } from './servers.ts'

/** What the other process does to a session while this one signs it out. */
export interface Race {
  readonly handle: SessionHandle
  readonly kind: 'refresh' | 'touch' | 'update'
  readonly at: number
}

const KINDS = ['refresh', 'touch', 'update'] as const
const [ROUNDS, RACES] = [60, 500]

test('STO-01 two processes, 10,000 races each of logout against refresh, touch and update: nothing is back', async () => {
  const server = await startRedis()
  onTestFinished(() => server.stop())
  const { sessions } = redisStore({ url: server.url, prefix: 'races:', operationTimeoutMs: 30_000 })
  const worker = fork(fileURLToPath(new URL('races.worker.ts', import.meta.url)), [server.url], {
    execArgv: ['--import', 'tsx', '--conditions=@bff/source'],
  })
  onTestFinished(() => void worker.kill())
  await once(worker, 'message')
  const why = revocation(START + 1)
  let written = 0
  for (let round = 0; round < ROUNDS; round++) {
    const kind = KINDS[round % KINDS.length] ?? 'touch'
    const races = Array.from({ length: RACES }, (_, index) => ({
      handle: handle(`${round}.${index}`),
      kind,
      at: START + 1,
    }))
    await Promise.all(races.map((race) => sessions.create(fullSession(START, race))))
    const done = once(worker, 'message')
    worker.send(races)
    const revoked = await Promise.all(races.map((race) => sessions.revoke(race.handle, why)))
    const [fault] = await done
    expect(fault).toBeNull()
    const left = await Promise.all(races.map((race) => sessions.get(race.handle)))
    for (const [index, record] of left.entries()) {
      expect(record).toEqual(revoked[index]?.record)
      expect(record).toMatchObject({ ...WIPED, revocation: why })
      if (record?.version !== 2 || record.lastAccessedAt !== START) written++
    }
  }
  // The writers did win some of the races, else nothing was raced.
  expect(written).toBeGreaterThan(0)
  worker.send('end')
  await once(worker, 'exit')
  await sessions.close()
}, 240_000)
