import { once } from 'node:events'
import { Agent, type IncomingMessage, request } from 'node:http'
import { text } from 'node:stream/consumers'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import { type OrdersApi, startOrdersApi } from '../src/index.ts'
import { startIssuer, type TestIssuer } from './support.ts'

let issuer: TestIssuer
let api: OrdersApi
let agent: Agent

beforeAll(async () => {
  issuer = await startIssuer(() => api.origin, Date.now)
  api = await startOrdersApi({ issuer: issuer.origin })
})
beforeEach(() => {
  agent = new Agent({ keepAlive: true, maxSockets: 1 })
})
afterEach(() => {
  agent.destroy()
  api.fail('none')
})
afterAll(async () => {
  await api.close()
  await issuer.close()
})

async function start(method = 'GET', headers: Record<string, string> = {}) {
  const authorization = `Bearer ${await issuer.token()}`
  const url = api.origin.replace('localhost', '127.0.0.1')
  return request(`${url}/whoami`, { method, agent, headers: { authorization, ...headers } })
}

async function answered(req: ReturnType<typeof request>) {
  const [response]: IncomingMessage[] = await once(req, 'response')
  const { statusCode, headers } = response ?? {}
  if (response !== undefined) await text(response)
  return { status: statusCode, connection: headers?.connection }
}

it('refuses an upload from its headers alone, and closes the connection', async () => {
  api.fail('413')
  const req = await start('POST', { 'content-length': '10' })
  req.on('error', () => {}).flushHeaders()
  expect(await answered(req)).toEqual({ status: 413, connection: 'close' })
  req.destroy()
})

it('says 100 Continue unasked, then answers', async () => {
  api.fail('continue', 1)
  const req = await start()
  const told = once(req, 'continue')
  req.end()
  await told
  expect(await answered(req)).toMatchObject({ status: 200 })
})

it('closes a connection that has served before, and no new one', async () => {
  api.fail('close')
  expect(await answered((await start()).end())).toMatchObject({ status: 200 })
  const second = await start()
  second.end()
  await expect(once(second, 'response')).rejects.toMatchObject({ code: 'ECONNRESET' })
})
