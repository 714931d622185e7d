import { type Clock, type Stores, systemClock } from '@bff/core'
import type { Server } from '@bff/servers'
import { type FaultHarness, faultProxy, type OpenStores } from '@bff/store-testkit'

interface Engine {
  /** Stores on emptied tables; with them comes what peeks behind their back. */
  open(url: string): Promise<OpenStores>
  /** The stores under test, reached through the proxy. */
  connect(url: string, clock: Clock): Stores
}

/** Lets the testkit cut and pause the connection, and kill the server. */
export function faultHarness(server: () => Server, url: () => string, engine: Engine): FaultHarness {
  return {
    async open() {
      const direct = new URL(url())
      const proxy = await faultProxy({ host: direct.hostname, port: Number(direct.port) })
      const behind = await engine.open(direct.href)
      const through = new URL(direct)
      through.port = String(proxy.port)
      const stores = engine.connect(through.href, { ...systemClock, now: () => behind.now() })
      let running = true
      return {
        ...behind,
        stores,
        connection: proxy,
        server: {
          async kill() {
            running = false
            await server().crash()
          },
          async start() {
            await server().start()
            running = true
          },
        },
        async close() {
          await stores.sessions.close()
          await proxy.close()
          if (!running) await server().start()
          await behind.close()
        },
      }
    },
  }
}
