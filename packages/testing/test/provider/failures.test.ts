import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { signInAtProvider, startProvider, type TestProvider } from '../../src/index.ts'
import { codeRequest, exchange } from './support.ts'

let idp: TestProvider
beforeAll(async () => {
  idp = await startProvider()
})
afterEach(() => idp.fail('none'))
afterAll(() => idp.close())

const tokenRequest = () =>
  fetch(`${idp.issuer}/token`, { method: 'POST', body: new URLSearchParams({ a: 'b' }) })

describe('a failing token endpoint', () => {
  it('answers 500', async () => {
    idp.fail('500')
    const response = await tokenRequest()
    expect(response.status).toBe(500)
    expect(await response.json()).toEqual({ error: 'server_error' })
  })

  it('answers 429 with Retry-After', async () => {
    idp.fail('429')
    const response = await tokenRequest()
    expect(response.status).toBe(429)
    expect(response.headers.get('retry-after')).toBe('1')
  })

  it('answers HTML with a 200', async () => {
    idp.fail('html')
    const response = await tokenRequest()
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toMatch(/^text\/html/)
  })

  it('drops the connection', async () => {
    idp.fail('reset')
    await expect(tokenRequest()).rejects.toThrow('fetch failed')
  })

  it('counts the requests it fails, leaves the other endpoints alone, and recovers', async () => {
    const request = codeRequest(idp)
    const callback = await signInAtProvider(request.url, 'alice')
    idp.fail('500')
    const before = idp.stats.tokenRequests
    await (await tokenRequest()).text()
    expect(idp.stats.tokenRequests).toBe(before + 1)
    expect((await fetch(`${idp.issuer}/jwks`)).status).toBe(200)
    idp.fail('none')
    expect(await exchange(idp, callback, request.verifier)).toMatchObject({ status: 200 })
  })

  it('fails every endpoint when asked for all', async () => {
    idp.fail('500', 'all')
    expect((await fetch(`${idp.issuer}/jwks`)).status).toBe(500)
  })
})

describe('closing', () => {
  it('ends requests that hang', async () => {
    const hanging = await startProvider()
    hanging.fail('hang')
    const request = fetch(`${hanging.issuer}/token`, { method: 'POST' }).catch((error: unknown) => error)
    while (hanging.stats.tokenRequests === 0) await (await fetch(`${hanging.issuer}/jwks`)).text()
    await hanging.close()
    expect(await request).toBeInstanceOf(TypeError)
  })

  it('frees the port, and a taken one is EADDRINUSE', async () => {
    const first = await startProvider()
    await expect(startProvider({ port: first.port })).rejects.toMatchObject({ code: 'EADDRINUSE' })
    await first.close()
    const second = await startProvider({ port: first.port })
    expect(second.port).toBe(first.port)
    await second.close()
  })
})
