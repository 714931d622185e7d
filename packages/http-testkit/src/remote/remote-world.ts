import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import type { Sessions } from '@bff/core'
import type { ServedApp } from '../served-app.ts'
import type { Place, SignedIn } from '../world/law-bff.ts'
import type { LawFrontends } from '../world/law-frontends.ts'
import { openSurroundings, type Surroundings } from '../world/world.ts'
import type { Command, PortCall } from './remote-app.ts'
import { ask, decode, outcomeOf } from './wire-json.ts'

/** Opens a world whose BFF is in another process, behind a `remoteApp` at `control`. */
export async function openRemoteWorld(control: URL, webSockets: boolean, place: Place) {
  const around = await openSurroundings(webSockets, place)
  const { clock, api, settings } = around
  const send = <T>(command: Command) => ask<T>(control, command)
  const ports = await servePorts(around)
  const origin = await send<string>({ do: 'open', ports: ports.origin, now: clock.now(), settings })
  return {
    ...around,
    origin,
    clock: {
      ...clock,
      async advance(ms: number) {
        // First, so that everything it wakes sees the new time, as after a suspended machine.
        await send({ do: 'time', now: clock.now() + ms })
        await clock.advance(ms)
      },
    },
    signIn: (userId = 'alice') => send<SignedIn>({ do: 'signIn', userId }),
    frontends: {
      add: (frontend) => send<void>({ do: 'add', frontend }),
      remove: (frontend) => send<void>({ do: 'remove', frontend }),
      signIn: (frontend, userId) => send<SignedIn>({ do: 'signIn', userId, frontend }),
    } satisfies LawFrontends,
    revoke: ((handle, by) => send({ do: 'revoke', handle, ...(by && { by }) })) satisfies Sessions['revoke'],
    async close() {
      await send({ do: 'close' })
      await Promise.all([ports.close(), api.close()])
    },
  }
}

/** Serves what the BFF of the other process reads, writes and waits for. */
async function servePorts(around: Surroundings): Promise<ServedApp> {
  const server = createServer((req, res) => {
    const left = new AbortController()
    res.once('close', () => left.abort())
    const answered = async () => {
      const call = decode<PortCall>(await text(req))
      res.end(await outcomeOf(async () => answer(around, call, left.signal)))
    }
    // The law is over for a program that breaks its call off.
    answered().catch(() => res.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      const closed = new Promise((resolve) => server.close(resolve))
      server.closeAllConnections()
      await closed
    },
  }
}

async function answer({ clock, provider, stores, events }: Surroundings, call: PortCall, left: AbortSignal) {
  if (call.port === 'event') return void events.push(call.event)
  if (call.port === 'sleep') {
    if (call.until > clock.now()) await clock.sleep(call.until - clock.now(), left)
    return clock.now()
  }
  const port: object = call.port === 'provider' ? provider : stores[call.port]
  return Reflect.apply(Reflect.get(port, call.method), port, call.args)
}
