import { createBff, generateEncryptionKey } from '@bff/core'
import { apiProxy } from '@bff/core/proxy'
import { memoryStore } from '@bff/store-memory'
import { configure } from '@codegenie/serverless-express'
import { expect, it, onTestFinished } from 'vitest'
import { nodeListener, undiciUpstream } from '../src/index.ts'
import { listen } from './harness.ts'

/** A Lambda function behind API Gateway whose BFF proxies to an API that says back what it was sent. */
async function lambda() {
  const { origin } = await listen(async (req, res) => {
    const chunks: Buffer[] = []
    for await (const chunk of req) chunks.push(chunk)
    const { authorization, 'x-forwarded-for': address } = req.headers
    res.end(Buffer.concat([Buffer.from(`${authorization} ${address} `), ...chunks]))
  })
  const bff = createBff({
    origin: 'https://app.example.com',
    store: memoryStore(),
    encryptionKeys: [generateEncryptionKey()],
    onEvent: () => {},
    proxy: apiProxy({ routes: [{ path: '/api', target: origin }], upstream: undiciUpstream() }),
  })
  onTestFinished(() => bff.close())
  const { cookie } = await bff.sessions.create({ userId: 'alice', tokens: { accessToken: 'of-alice' } })
  const handler = configure({ app: nodeListener(bff), respondWithErrors: true })
  return async (method: string, path: string, body?: string) =>
    handler(
      {
        version: '2.0',
        routeKey: '$default',
        rawPath: path,
        rawQueryString: '',
        cookies: [cookie.split(';', 1)[0]],
        headers: { host: 'app.example.com', 'x-csrf': '1', 'sec-fetch-site': 'same-origin' },
        requestContext: { http: { method, path, sourceIp: '192.0.2.1' } },
        ...(body !== undefined && { body, isBase64Encoded: false }),
      },
      {},
      () => {},
    )
}

it('answers in a Lambda function of @codegenie/serverless-express', async () => {
  const call = await lambda()
  const { statusCode, body } = await call('GET', '/bff/session')
  expect([statusCode, JSON.parse(body)]).toEqual([200, expect.objectContaining({ authenticated: true })])
})

it('proxies bodies both ways in a Lambda function of @codegenie/serverless-express', async () => {
  const call = await lambda()
  const { statusCode, body } = await call('POST', '/api/orders', 'two teas')
  expect([statusCode, body]).toEqual([200, 'Bearer of-alice 192.0.2.1 two teas'])
})
