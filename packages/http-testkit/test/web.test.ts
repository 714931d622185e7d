import type { ServedBff, SessionHandle } from '@bff/core'
import { afterAll, describe, expect, onTestFinished, test } from 'vitest'
import { describeHttpAdapter, serveFetch } from '../src/index.ts'
import { remoteApp } from '../src/remote/index.ts'
import type { Command } from '../src/remote/remote-app.ts'
import { ask, encode } from '../src/remote/wire-json.ts'
import { ORIGIN, openSurroundings, openWorld } from '../src/world/world.ts'
import { fetchApp } from './web-app.ts'

const serve = (bff: ServedBff) => serveFetch((request) => fetchApp(bff, request))

describeHttpAdapter({ name: 'bff.fetch', test, serve })

describe('with the BFF behind ports of its own, as in another process', async () => {
  const control = await serveFetch(remoteApp(serve))
  afterAll(() => control.close())
  describeHttpAdapter({
    name: 'bff.fetch',
    // Those that move the time, count reads or make them fail; `pnpm test:matrix` runs all of them in this way.
    test: (name, run) => /^HA-(?:2[45]|7[0-4679]|8[56])/.test(name) && test(name, run),
    serve: new URL(control.origin),
  })
})

test('The BFF of a law waits for the API without a limit, which would pass for a call that was cancelled', async () => {
  const limits: number[] = []
  const { bff, close } = await openWorld({
    upstream: {
      send: async ({ headersTimeoutMs }) => {
        limits.push(headersTimeoutMs)
        return { status: 204, headers: [], body: null }
      },
      close: async () => {},
    },
  })
  onTestFinished(close)
  const paths = ['/open', '/maybe', '/parsed', '/dead']
  for (const path of paths) await bff.fetch(new Request(`${ORIGIN}${path}/x`, { headers: { 'x-csrf': '1' } }))
  expect(limits).toEqual(paths.map(() => 0))
})

test('Time moves in the other process after the store has answered', async () => {
  const order: string[] = []
  let answer = () => {}
  const asked = new Promise<void>((resolve) => {
    answer = resolve
  })
  let arrive = () => {}
  const arrived = new Promise<void>((resolve) => {
    arrive = resolve
  })
  const ports = await serveFetch(async (request) => {
    if ((await request.text()).includes('"revoke"')) {
      arrive()
      await asked
      order.push('the store has answered')
    }
    return new Response(encode({ value: null }))
  })
  const control = await serveFetch(remoteApp(serve))
  onTestFinished(async () => void (await Promise.all([ports.close(), control.close()])))
  const { settings, clock, api } = await openSurroundings(false)
  onTestFinished(() => api.close())
  const send = (command: Command) => ask(control.origin, command)
  await send({ do: 'open', ports: ports.origin, now: clock.now(), settings })

  const revoked = send({ do: 'revoke', handle: 'any' as SessionHandle })
  await arrived
  const moved = send({ do: 'time', now: clock.now() + 1 }).then(() => order.push('time has moved'))
  // Much longer than it takes to move the time.
  for (let commands = 0; commands < 5; commands += 1) await send({ do: 'add', frontend: 'main' })
  answer()
  await Promise.all([revoked, moved])
  await send({ do: 'close' })
  expect(order).toEqual(['the store has answered', 'time has moved'])
})
