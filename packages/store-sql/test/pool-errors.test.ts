import { createServer } from 'node:net'
import { handle, session } from '@bff/store-testkit/fixtures'
import { START } from '@bff/test-support/clock'
import pg from 'pg'
import { expect, onTestFinished, test } from 'vitest'
import { postgresStore } from '../src/drivers/pg.ts'

/** A message of Postgres: its type, its length with the length itself, its content. */
function message(type: string, content: Buffer): Buffer {
  const head = Buffer.alloc(5)
  head.write(type)
  head.writeUInt32BE(content.length + 4, 1)
  return Buffer.concat([head, content])
}

const AUTHENTICATED = message('R', Buffer.alloc(4))
const READY = message('Z', Buffer.from('I'))
const SHUTTING_DOWN = message('E', Buffer.from('SFATAL\0C57P01\0Mterminating connection\0\0'))

/** A server that shuts down just as it lets a client in, so that both arrive in one piece. */
async function closingServer(): Promise<string> {
  const server = createServer((socket) => {
    socket.on('error', () => {})
    socket.once('data', () => socket.end(Buffer.concat([AUTHENTICATED, READY, SHUTTING_DOWN])))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  const address = server.address()
  return `postgres://app@127.0.0.1:${typeof address === 'object' ? address?.port : ''}/app`
}

const create = ({ sessions }: ReturnType<typeof postgresStore>) =>
  sessions.create(session(START, { handle: handle('any') }), { maxPerUser: 1 })

test('a connection that breaks as the pool hands it out does not end the process: the pool of a url', async () => {
  const store = postgresStore({ url: await closingServer() })
  onTestFinished(() => store.sessions.close())
  await expect(create(store)).rejects.toMatchObject({ code: 'store_unavailable' })
})

test('a connection that breaks as the pool hands it out does not end the process: a pool of the app', async () => {
  const client = new pg.Pool({ connectionString: await closingServer() })
  client.on('error', () => {})
  onTestFinished(() => client.end())
  for (const store of [postgresStore({ client }), postgresStore({ client })])
    await expect(create(store)).rejects.toMatchObject({ code: 'store_unavailable' })
  expect(client.listenerCount('acquire')).toBe(1)
})
