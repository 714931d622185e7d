import { once } from 'node:events'
import { createServer } from 'node:http'
import { testOptions } from '@bff/test-support/options'
import { afterAll } from 'vitest'
import {
  type ClientOptions,
  type WalletPageOptions,
  walletClient,
  walletPage,
} from '../../src/client/index.ts'

const asked: string[] = []

/** A server that agrees to everything. */
async function startServer(name: string): Promise<string> {
  const server = createServer((request, response) => {
    asked.push(`${name} ${request.url}`)
    response.end('{"token":"t","access_token":"a","refresh_token":"r","address":"0x"}')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('The server listens on TCP only.')
  afterAll(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${address.port}`
}

const page = await startServer('page')
const service = await startServer('service')

/** Reads addresses as a browser does: against the page's own. */
const pageFetch: typeof fetch = (input, init) => fetch(new URL(String(input), page), init)
const serviceFetch: typeof fetch = (input, init) => fetch(String(input).replace(page, service), init)

/** Who is asked for what by all that a client does. */
async function asClient(options: ClientOptions): Promise<string[]> {
  asked.length = 0
  const client = walletClient(options)
  await client.challenge()
  await client.login('t', '0x00', '0x')
  await client.refresh('r')
  await client.logout('r', 'a')
  return [...asked]
}

async function asPage(options: WalletPageOptions): Promise<string[]> {
  asked.length = 0
  const client = walletPage(options)
  await client.challenge()
  await client.login('t', '0x00', '0x')
  await client.refresh()
  await client.logout()
  return [...asked]
}

const at = (server: string, paths: string) => paths.split(' ').map((path) => `${server} ${path}`)
const CLIENT = '/auth/challenge /auth/login /auth/refresh /auth/logout'
const PAGE = '/auth/challenge /auth/login /bff/refresh /bff/logout'

testOptions<ClientOptions>('ClientOptions', {
  url: {
    set: service,
    see: (options) => asClient({ fetch: pageFetch, ...options }),
    shows: [at('page', CLIENT), at('service', CLIENT)],
  },
  authPath: {
    set: '/in',
    see: (options) => asClient({ url: service, ...options }),
    shows: [at('service', CLIENT), at('service', '/in/challenge /in/login /in/refresh /in/logout')],
  },
  fetch: {
    set: serviceFetch,
    see: (options) => asClient({ url: page, ...options }),
    shows: [at('page', CLIENT), at('service', CLIENT)],
  },
})

testOptions<WalletPageOptions>('WalletPageOptions', {
  url: {
    set: service,
    see: (options) => asPage({ fetch: pageFetch, ...options }),
    shows: [at('page', PAGE), at('service', PAGE)],
  },
  authPath: {
    set: '/in',
    see: (options) => asPage({ url: service, ...options }),
    shows: [at('service', PAGE), at('service', '/in/challenge /in/login /bff/refresh /bff/logout')],
  },
  basePath: {
    set: '/session',
    see: (options) => asPage({ url: service, ...options }),
    shows: [
      at('service', PAGE),
      at('service', '/auth/challenge /auth/login /session/refresh /session/logout'),
    ],
  },
  fetch: {
    set: serviceFetch,
    see: (options) => asPage({ url: page, ...options }),
    shows: [at('page', PAGE), at('service', PAGE)],
  },
})
