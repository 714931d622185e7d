import { openIdleProcess } from '@bff/test-support/idle-process'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { RedisStoreOptions } from '../src/index.ts'
import { MAIN_LIBRARY } from './libraries.ts'
import { startCluster, startRedis, startSentinel } from './servers.ts'

async function cluster() {
  const nodes = await startCluster()
  const stop = async () => void (await Promise.all(nodes.map((node) => node.stop())))
  return { options: { cluster: nodes.map(({ host, port }) => ({ host, port })) }, stop }
}

async function sentinel() {
  const { sentinel, name, stop } = await startSentinel()
  return { options: { sentinels: [{ host: sentinel.host, port: sentinel.port }], name }, stop }
}

async function single() {
  const server = await startRedis()
  return { options: { url: server.url }, stop: () => server.stop() }
}

describe.for(
  [
    { place: 'one server', start: single },
    { place: 'a Sentinel', start: sentinel },
    { place: 'a Cluster', start: cluster },
  ].flatMap((where) => MAIN_LIBRARY.map(({ library }) => ({ ...where, library }))),
)(
  '$library: a process that hears events of $place and has nothing more to do ends by itself',
  ({ start, library }) => {
    const openProcess = (options: RedisStoreOptions, closes = false) =>
      openIdleProcess(
        new URL('idle.worker.ts', import.meta.url),
        JSON.stringify({ library, options, closes }),
      )
    let place: Awaited<ReturnType<typeof start>>
    beforeAll(async () => {
      place = await start()
    })
    afterAll(() => place.stop())

    test('with its store open', async () => {
      expect(await (await openProcess(place.options)).end()).toBe(0)
    })

    test('with its store closed', async () => {
      expect(await (await openProcess(place.options, true)).end()).toBe(0)
    })

    test('while Redis is away', async () => {
      const open = await openProcess(place.options)
      const closing = await openProcess(place.options, true)
      await place.stop()
      expect([await open.end(), await closing.end()]).toEqual([0, 0])
    })
  },
)
