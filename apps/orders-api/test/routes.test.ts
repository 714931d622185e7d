import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type OrdersApi, startOrdersApi } from '../src/index.ts'
import { bearer, startIssuer, type TestIssuer } from './support.ts'

let issuer: TestIssuer
let api: OrdersApi
let alice: Record<string, string>
beforeAll(async () => {
  issuer = await startIssuer(() => api.origin, Date.now)
  api = await startOrdersApi({ issuer: issuer.origin })
  alice = bearer(await issuer.token())
})
afterEach(() => api.fail('none'))
afterAll(async () => {
  await api.close()
  await issuer.close()
})

const get = (path: string, headers = alice, signal?: AbortSignal) =>
  fetch(`${api.origin}${path}`, { headers, ...(signal === undefined ? {} : { signal }) })

const postOrder = (body: string, headers = alice) =>
  fetch(`${api.origin}/orders`, {
    method: 'POST',
    headers: { ...headers, 'content-type': 'application/json' },
    body,
  })

describe('orders', () => {
  it('belong to the subject of the token and begin the same each time', async () => {
    const [first, second] = [await (await get('/orders')).json(), await (await get('/orders')).json()]
    expect(first).toEqual(second)
    expect(first).toHaveLength(6)
    expect(first).toContainEqual({
      id: expect.any(String),
      item: expect.any(String),
      quantity: expect.any(Number),
      total: expect.any(Number),
      currency: 'EUR',
      status: 'placed',
      placedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
    })
    const bob = bearer(await issuer.token({ sub: 'bob' }))
    expect(await (await get('/orders', bob)).json()).not.toEqual(first)
  })

  it('that are placed come first, and are nobody else’s', async () => {
    const carol = bearer(await issuer.token({ sub: 'carol' }))
    const response = await postOrder('{"item":"Stoneware bowl","quantity":2}', carol)
    expect(response.status).toBe(201)
    const order = await response.json()
    expect(order).toMatchObject({ item: 'Stoneware bowl', quantity: 2, total: 3_960, status: 'placed' })
    expect((await (await get('/orders', carol)).json())[0]).toEqual(order)
    const location = response.headers.get('location') ?? ''
    expect(await (await get(location, carol)).json()).toEqual(order)
    const foreign = await get(location)
    expect(foreign.status).toBe(404)
    expect(await foreign.json()).toEqual({ error: 'not_found', message: 'You have no such order.' })
  })

  it.each([
    ['no item', '{"quantity":1}'],
    ['a blank item', '{"item":" ","quantity":1}'],
    ['a quantity of zero', '{"item":"x","quantity":0}'],
    ['a quantity as text', '{"item":"x","quantity":"2"}'],
    ['a field nobody asked for', '{"item":"x","quantity":1,"price":0}'],
    ['broken JSON', '{"item":'],
  ])('with %s are refused', async (_name, body) => {
    const response = await postOrder(body)
    expect(response.status).toBe(400)
    expect(await response.json()).toEqual({ error: 'invalid_request', message: expect.any(String) })
  })

  it('are checked for who sends them before what is sent', async () => {
    expect((await postOrder('{"item":', {})).status).toBe(401)
  })
})

describe('the export', () => {
  it('is a chunked CSV file of several megabytes', async () => {
    const response = await get('/orders/export')
    expect(response.headers.get('content-type')).toBe('text/csv; charset=utf-8')
    expect(response.headers.get('content-disposition')).toBe('attachment; filename="orders.csv"')
    expect(response.headers.get('content-length')).toBeNull()
    const text = await response.text()
    expect(text.length).toBeGreaterThan(3_000_000)
    const lines = text.trimEnd().split('\r\n')
    expect(lines).toHaveLength(50_001)
    expect(new Set(lines).size).toBe(50_001)
  })
})

describe('the feed', () => {
  it('sends its first event at once and ends when the client leaves', async () => {
    const leaving = new AbortController()
    const response = await get('/orders/feed', alice, leaving.signal)
    expect(response.headers.get('content-type')).toBe('text/event-stream')
    const reader = response.body?.getReader()
    const chunk = await reader?.read()
    expect(new TextDecoder().decode(chunk?.value)).toMatch(
      /^retry: 2000\n\nid: 1\nevent: tick\ndata: \{"tick":1,"sub":"alice"\}\n\n/,
    )
    expect(api.openRequests()).toBe(1)
    leaving.abort()
    await expect.poll(() => api.openRequests()).toBe(0)
  })

  it('ends when the API closes', async () => {
    const other = await startOrdersApi({ issuer: issuer.origin, audience: api.origin })
    const response = await fetch(`${other.origin}/orders/feed`, { headers: alice })
    await other.close()
    await expect(response.text()).rejects.toThrow()
  })
})

describe('the API', () => {
  it('is slow when asked to be, and stops when the client leaves', async () => {
    expect(await (await get('/slow?ms=1')).json()).toEqual({ ms: 1 })
    expect((await get('/slow?ms=-1')).status).toBe(400)
    const leaving = new AbortController()
    const request = get('/slow?ms=60000', alice, leaving.signal).catch((error: unknown) => error)
    await expect.poll(() => api.openRequests()).toBe(1)
    leaving.abort()
    await request
    await expect.poll(() => api.openRequests()).toBe(0)
  })

  it('answers errors as JSON, allows no other origin and keeps nothing in caches', async () => {
    const response = await fetch(`${api.origin}/nowhere`, {
      headers: { origin: 'https://elsewhere.example' },
    })
    expect(response.status).toBe(404)
    expect(await response.json()).toEqual({ error: 'not_found', message: 'There is nothing here.' })
    const orders = await get('/orders', { ...alice, origin: 'https://elsewhere.example' })
    expect([...orders.headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([])
    expect(orders.headers.get('cache-control')).toBe('no-store')
  })

  it('records what arrived without its secrets', async () => {
    api.requests.length = 0
    await (await get('/orders?page=1', { ...alice, cookie: 'a=b' })).text()
    await (await get('/orders', {})).text()
    expect(api.requests).toEqual([
      { method: 'GET', path: '/orders?page=1', hadCookie: true, authScheme: 'Bearer' },
      { method: 'GET', path: '/orders', hadCookie: false, authScheme: null },
    ])
  })

  it('fails as told, as often as told', async () => {
    api.fail('401', 1)
    const revoked = await get('/orders')
    expect(revoked.status).toBe(401)
    expect(revoked.headers.get('www-authenticate')).toContain('error="invalid_token"')
    expect((await get('/orders')).status).toBe(200)
    api.fail('500')
    expect([(await get('/orders')).status, (await get('/orders')).status]).toEqual([500, 500])
    api.fail('reset')
    await expect(get('/orders')).rejects.toThrow('fetch failed')
    api.fail('hang')
    const leaving = new AbortController()
    const request = get('/orders', alice, leaving.signal).catch((error: unknown) => error)
    await expect.poll(() => api.openRequests()).toBe(1)
    leaving.abort()
    expect(await request).toMatchObject({ name: 'AbortError' })
  })
})
