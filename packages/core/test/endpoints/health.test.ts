import { randomBytes } from 'node:crypto'
import { manualClock } from '@bff/test-support/clock'
import { describe, expect, it } from 'vitest'
import { memoryStore } from '../../../store-memory/src/index.ts'
import { health, healthEndpoint } from '../../src/endpoints/index.ts'
import { BffError, createEncryptor } from '../../src/index.ts'
import { jsonOf, request, ScriptedProvider, world } from '../world.ts'

const key = () => randomBytes(32).toString('base64')

function parts(keys = [key()]) {
  const clock = manualClock()
  return {
    clock,
    stores: memoryStore({ clock }),
    encryptor: createEncryptor({ keys }),
    provider: new ScriptedProvider(),
  }
}

describe('health', () => {
  it('is ok when store, keys and provider are', async () => {
    const report = await health(parts())
    expect(report.status).toBe('ok')
    expect(Object.values(report.checks).map(({ ok }) => ok)).toEqual([true, true, true])
  })

  it('needs no provider', async () => {
    expect((await health({ ...parts(), provider: null })).status).toBe('ok')
  })

  it.each(['sessions', 'ttl'] as const)('is failing when the store does not answer: %s', async (which) => {
    const all = parts()
    const fail = () => Promise.reject(new BffError('store_unavailable', 'redis://secret@host'))
    if (which === 'sessions') all.stores.sessions.ping = fail
    else all.stores.ttl.get = fail
    const report = await health(all)
    expect(report.status).toBe('failing')
    expect(report.checks.store).toEqual({ ok: false, message: 'The session store does not answer.' })
    expect(JSON.stringify(report)).not.toContain('secret')
  })

  it('does not wait for a store that hangs', async () => {
    const all = parts()
    all.stores.sessions.ping = () => new Promise(() => {})
    const report = await all.clock.run(health(all))
    expect(report.checks.store).toEqual({ ok: false, message: 'It did not answer within 3 seconds.' })
    expect(all.clock.sleepers).toBe(0)
  })

  it('is degraded, not failing, when the provider does not answer: sessions live on', async () => {
    const all = parts()
    all.provider.onEndSession = () => {
      throw new BffError('provider_unavailable')
    }
    const report = await health(all)
    expect([report.status, report.checks.provider.ok]).toEqual(['degraded', false])
    expect(report.checks.provider.message).toMatch(/does not answer/)
    all.provider.onEndSession = () => {
      throw new BffError('provider_misconfigured')
    }
    expect((await health(all)).checks.provider.message).toMatch(/metadata cannot be used/)
  })

  it('is failing when two processes do not share their keys (Duende S#1372), and says so', async () => {
    const one = parts()
    const other = { ...one, encryptor: createEncryptor({ keys: [key()] }) }
    expect((await health(one)).status).toBe('ok')
    const report = await health(other)
    expect(report.status).toBe('failing')
    expect(report.checks.keyring.message).toMatch(/a key that this one does not have\. Check encryptionKeys/)
  })

  it('is ok while keys are rotated', async () => {
    const [old, fresh] = [key(), key()]
    const one = parts([old])
    expect((await health(one)).status).toBe('ok')
    expect((await health({ ...one, encryptor: createEncryptor({ keys: [fresh, old] }) })).status).toBe('ok')
  })

  it('is failing when the keys do not work at all', async () => {
    const all = parts()
    const encryptor = { ...all.encryptor, decryptString: () => Promise.reject(new BffError('seal_broken')) }
    expect((await health({ ...all, encryptor })).checks.keyring.message).toMatch(/do not work/)
  })
})

describe('GET /bff/health', () => {
  const probe = async ({ bff }: ReturnType<typeof world>, path = '/bff/health') => {
    const reply = await bff.handle(request('GET', path))
    return { status: reply?.status, report: reply && jsonOf(reply) }
  }

  it('answers probes, which send no header, with 200 or 503', async () => {
    const all = world({ plugins: [healthEndpoint()] })
    expect(await probe(all)).toMatchObject({ status: 200, report: { status: 'ok' } })
    all.provider.onEndSession = () => {
      throw new BffError('provider_unavailable')
    }
    await all.clock.advance(1_000)
    expect(await probe(all)).toMatchObject({ status: 200, report: { status: 'degraded' } })
    await all.store.sessions.close()
    await all.clock.advance(1_000)
    expect(await probe(all)).toMatchObject({
      status: 503,
      report: { status: 'failing', checks: { store: { ok: false } } },
    })
  })

  it('looks again when the clock went back', async () => {
    let at = 3_600_000
    const clock = { ...manualClock(), now: () => at }
    const { bff, store } = world({ clock, plugins: [healthEndpoint()] })
    expect(await bff.handle(request('GET', '/bff/health'))).toMatchObject({ status: 200 })
    at = 0
    store.sessions.ping = () => Promise.reject(new BffError('store_unavailable'))
    expect(await bff.handle(request('GET', '/bff/health'))).toMatchObject({ status: 503 })
  })

  it('asks the parts once a second, however often it is asked', async () => {
    const all = world({ plugins: [healthEndpoint({ path: '/healthz' })] })
    let pings = 0
    all.store.sessions.ping = async () => void pings++
    for (let call = 0; call < 50; call++) await probe(all, '/healthz')
    expect(pings).toBe(1)
    await all.clock.advance(1_000)
    await probe(all, '/healthz')
    expect(pings).toBe(2)
  })
})
