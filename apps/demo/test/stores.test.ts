import { type OrdersApi, startOrdersApi } from '@bff/orders-api'
import { freePorts } from '@bff/test-support/demo'
import { type HttpClient, httpClient } from '@bff/test-support/http-client'
import { temporaryFolder } from '@bff/test-support/temporary-folder'
import { startProvider, type TestProvider } from '@bff/testing'
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest'
import { type Demo, openStore, STORE_NAMES, startDemo } from '../src/index.ts'

const ENCRYPTION_KEY = 'a2V5IG9mIHRoZSBkZW1vIHN0b3JlcyB0ZXN0LCAzMmI='

let port: number
let idp: TestProvider
let api: OrdersApi

beforeAll(async () => {
  const ports = await freePorts()
  port = ports.demo
  const apiAudience = `http://localhost:${ports.api}`
  idp = await startProvider({ port: ports.idp, appOrigins: [`http://localhost:${port}`], apiAudience })
  api = await startOrdersApi({ port: ports.api, issuer: idp.issuer, audience: apiAudience })
})
afterAll(async () => {
  await api?.close()
  await idp?.close()
})

/** The app on a store of this name, beside a provider and an API that go on running. */
async function start(name: string, folder: string): Promise<Demo> {
  const store = await openStore(name, folder, {})
  const demo = await startDemo({
    port,
    issuer: idp.issuer,
    ...idp.clients.basic,
    apiOrigin: api.origin,
    store: store.stores,
    encryptionKey: ENCRYPTION_KEY,
  })
  const close = async () => {
    await demo.close()
    await store.close()
  }
  onTestFinished(close)
  return { ...demo, close }
}

/** The same browser on new connections: those to the former server are gone. */
function reconnected(client: HttpClient): HttpClient {
  const again = httpClient(`http://localhost:${port}`)
  for (const [name, value] of client.cookies) again.cookies.set(name, value)
  return again
}

async function expectSignedIn(client: HttpClient): Promise<void> {
  expect((await client.call('/api/orders')).status).toBe(200)
  const { sessions } = JSON.parse((await client.call('/bff/sessions')).text)
  expect(sessions).toMatchObject([{ current: true }])
}

it.each(STORE_NAMES.filter((name) => name !== 'memory'))(
  '%s: people sign in, and stay signed in through a restart of the app and of the store',
  async (name) => {
    const folder = temporaryFolder()
    const first = await start(name, folder)
    const client = httpClient(first.origin)
    await client.signIn()
    await expectSignedIn(client)
    await first.close()

    const second = await start(name, folder)
    const later = reconnected(client)
    await expectSignedIn(later)

    // LGO-01 to LGO-14 on this store, with a token of the real provider.
    const bob = httpClient(second.origin)
    await bob.signIn('bob')
    expect(await idp.backchannelLogout('bob')).toEqual({ delivered: 1, failed: 0 })
    expect((await bob.call('/api/orders')).status).toBe(401)
    await expectSignedIn(later)

    await later.call('/bff/logout', { method: 'POST' })
    expect((await later.call('/api/orders')).status).toBe(401)
    await second.close()
  },
)

it('memory: people sign in, and a restart signs them out', async () => {
  const folder = temporaryFolder()
  const first = await start('memory', folder)
  const client = httpClient(first.origin)
  await client.signIn()
  await expectSignedIn(client)
  await first.close()
  await start('memory', folder)
  expect((await reconnected(client).call('/api/orders')).status).toBe(401)
})

it.each([
  ['redis', 'REDIS_URL', 'redis://:secret@localhost:1'],
  ['postgres', 'DATABASE_URL', 'postgres://user:secret@localhost:1/app'],
  ['mysql', 'MYSQL_URL', 'mysql://user:secret@localhost:1/app'],
])(
  '%s: says in a sentence that the server at %s does not answer, without its address',
  async (name, variable, url) => {
    await expect(openStore(name, temporaryFolder(), { [variable]: url })).rejects.toThrow(
      `The server at ${variable} does not answer, or refuses what it was asked.`,
    )
  },
)
