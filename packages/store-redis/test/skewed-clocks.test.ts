import { type BffEvent, type Clock, createBff, generateEncryptionKey, systemClock } from '@bff/core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { redisStore } from '../src/index.ts'
import { type RedisServer, startRedis } from './servers.ts'

const ORIGIN = 'https://app.example.com'
const MINUTE = 60_000
const SKEWS = [-2 * MINUTE, 0, 2 * MINUTE]
let server: RedisServer

beforeAll(async () => {
  server = await startRedis()
})
afterAll(() => server.stop())

/** Three processes on one Redis, whose clocks are two minutes apart. */
function threeProcesses(prefix: string) {
  const encryptionKeys = [generateEncryptionKey()]
  return SKEWS.map((skew) => {
    const events: BffEvent[] = []
    const clock: Clock = { ...systemClock, now: () => Date.now() + skew }
    const bff = createBff({
      origin: ORIGIN,
      store: redisStore({ url: server.url, prefix, operationTimeoutMs: 10_000 }),
      encryptionKeys,
      clock,
      onEvent: (event) => events.push(event),
    })
    const ask = async (cookie: string): Promise<boolean> => {
      const headers = { cookie, 'x-csrf': '1', 'sec-fetch-site': 'same-origin' }
      const answer = await bff.fetch(new Request(`${ORIGIN}/bff/session`, { headers }))
      return ((await answer.json()) as { authenticated: boolean }).authenticated
    }
    const signIn = async (userId: string) => {
      const { session, cookie } = await bff.sessions.create({ userId })
      return { session, cookie: cookie.split(';')[0] ?? '' }
    }
    return { skew, bff, events, ask, signIn }
  })
}

test('once an end is acknowledged, no process lets the session in, with clocks two minutes apart', async () => {
  const processes = threeProcesses('skew:')
  let letIn = 0
  let asked = 0
  for (const maker of processes)
    for (const ender of processes)
      for (const how of ['one', 'all'] as const) {
        const user = `${maker.skew}/${ender.skew}/${how}`
        const { session, cookie } = await maker.signIn(user)
        for (const { ask } of processes) expect([user, await ask(cookie)]).toEqual([user, true])
        if (how === 'one') await ender.bff.sessions.revoke(session.handle)
        else await ender.bff.sessions.revokeAll({ userId: user })
        for (let round = 0; round < 5; round++)
          for (const { ask } of processes) {
            asked++
            if (await ask(cookie)) letIn++
          }
      }
  expect([letIn, asked]).toEqual([0, 270])
  await Promise.all(processes.map(({ bff }) => bff.close()))
})

test('a process whose clock is behind says so, once a minute, and by how much', async () => {
  const processes = threeProcesses('behind:')
  const [behind, right, ahead] = processes
  const cookie = (await ahead?.signIn('alice'))?.cookie ?? ''
  for (let round = 0; round < 3; round++)
    for (const { ask } of processes) expect(await ask(cookie)).toBe(true)
  const said = processes.map(({ events }) =>
    events.flatMap((event) => (event.type === 'clock.skewed' ? [Math.round(event.behindMs / MINUTE)] : [])),
  )
  expect([behind?.skew, right?.skew, ahead?.skew]).toEqual(SKEWS)
  expect(said).toEqual([[4], [2], []])
  await Promise.all(processes.map(({ bff }) => bff.close()))
})
