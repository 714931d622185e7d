import { manualClock } from '@bff/test-support/clock'
import { describe, expect, it } from 'vitest'
import { memoryStore } from '../../../store-memory/src/index.ts'
import { apiProxy, type ProxyRoute } from '../../src/proxy/index.ts'
import { API, FakeUpstream, fakeSession, ORIGIN, view } from './support.ts'

const dependencies = {
  originOf: () => ORIGIN,
  cookieNames: ['__Host-Http-bff'],
  clock: manualClock(),
  clientAddress: () => null,
  emit: () => {},
  stores: memoryStore(),
  tokens: { replaceRefused: async () => null },
}

describe('apiProxy', () => {
  it('says which token a route needs, and forwards through its upstream [S1-17]', async () => {
    const upstream = new FakeUpstream()
    const routes: ProxyRoute[] = [
      { path: '/api', target: API },
      { path: '/public', target: API, token: 'none' },
    ]
    const proxy = apiProxy({ routes, upstream })(dependencies)
    expect(proxy.match('/app')).toBeNull()
    expect(proxy.match('/public/x')?.token).toBe('none')
    const route = proxy.match('/api/x')
    expect(route?.token).toBe('user')
    expect(await route?.forward(view('/api/x'), fakeSession())).toMatchObject({ status: 200 })
    expect(upstream.only.url).toBe(`${API}/x`)
  })

  it('closes its transport', async () => {
    let closed = 0
    const upstream = Object.assign(new FakeUpstream(), {
      close: async () => {
        closed++
      },
    })
    await apiProxy({ routes: [], upstream })(dependencies).close()
    expect(closed).toBe(1)
  })

  it('a wrong option or route is refused before the first request', () => {
    const options = { routes: [], timeout: 3 }
    expect(() => apiProxy(options)).toThrowError(expect.objectContaining({ code: 'invalid_config' }))
    const proxy = apiProxy({ routes: [{ path: '/api', target: 'orders' }] })
    expect(() => proxy(dependencies)).toThrowError(expect.objectContaining({ code: 'invalid_config' }))
  })
})
