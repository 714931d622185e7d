import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { ServedBff } from '@bff/core'
import { describeHttpAdapter, describeWebSocketRelay, type ServedApp } from '@bff/http-testkit'
import { relayWebSockets, undiciUpstream } from '@bff/node'
import { createAdaptorServer } from '@hono/node-server'
import { test, vi } from 'vitest'
import { appOf } from './laws-app.ts'

// The Node server prints each response that breaks off, and many laws break one off.
vi.spyOn(console, 'error').mockImplementation(() => {})

async function serve(bff: ServedBff): Promise<ServedApp> {
  const server = createAdaptorServer({ fetch: appOf(bff).fetch }) as Server
  relayWebSockets(server, bff)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

const options = { name: 'Hono', test, serve, upstream: undiciUpstream }
describeHttpAdapter(options)
describeWebSocketRelay(options)
