import { manualClock } from '@bff/test-support/clock'
import { expect, test } from 'vitest'
import { BffError } from '../../src/index.ts'
import { type LoadedOriginsOptions, origins } from '../../src/origins/index.ts'
import { request } from '../world.ts'

const at = (host: string) => request('GET', '/', { host })

function loading(options: Partial<LoadedOriginsOptions> = {}) {
  const clock = manualClock()
  const asked: string[] = []
  const tenants = new Set(['t1.example.com', 't2.example.com'])
  let isDown = false
  const { find, main } = origins({
    main: 'https://app.example.com',
    async load(host) {
      asked.push(host)
      if (isDown) throw new Error('The table does not answer.')
      return tenants.has(host) ? `https://${host}` : null
    },
    clock,
    ...options,
  })
  const fail = (down: boolean) => {
    isDown = down
  }
  return { clock, asked, tenants, find, main, fail }
}

test('an origin is loaded once for many requests at once, and kept', async () => {
  const { asked, find } = loading()
  const all = await Promise.all(Array.from({ length: 50 }, () => find(at('t1.example.com'))))
  expect(new Set(all)).toEqual(new Set(['https://t1.example.com']))
  expect(find(at('T1.example.com:443'))).toBe('https://t1.example.com')
  expect(asked).toEqual(['t1.example.com'])
})

test('the main origin is one of them without being loaded', () => {
  const { asked, find } = loading()
  expect(find(at('app.example.com'))).toBe('https://app.example.com')
  expect(asked).toEqual([])
})

test('a tenant is added and removed without a restart', async () => {
  const { clock, tenants, find } = loading()
  expect(await find(at('t3.example.com'))).toBeNull()
  tenants.add('t3.example.com')
  expect(find(at('t3.example.com'))).toBeNull()
  await clock.advance(5_001)
  expect(await find(at('t3.example.com'))).toBe('https://t3.example.com')
  tenants.delete('t3.example.com')
  await clock.advance(300_001)
  expect(await find(at('t3.example.com'))).toBeNull()
})

test('hosts that strangers make up push out no tenant, and fill no memory', async () => {
  const { asked, find } = loading({ max: 10 })
  await find(at('t1.example.com'))
  for (let i = 0; i < 1_000; i++) expect(await find(at(`x${i}.evil.example`))).toBeNull()
  expect(find(at('t1.example.com'))).toBe('https://t1.example.com')
  expect(asked.filter((host) => host === 't1.example.com')).toHaveLength(1)
})

test('a text that is no host is not even looked up', async () => {
  const { asked, find } = loading()
  for (const host of ['a/b', 'a@b', 'a, b', '', 'x'.repeat(300), '../etc', "' OR 1=1"])
    expect(find(at(host))).toBeNull()
  expect(asked).toEqual([])
})

test('an outage keeps the origins that are known, and is an outage for all others', async () => {
  const { clock, find, fail } = loading()
  await find(at('t1.example.com'))
  await clock.advance(300_001)
  fail(true)
  expect(await find(at('t1.example.com'))).toBe('https://t1.example.com')
  await expect(find(at('t2.example.com'))).rejects.toMatchObject({ code: 'store_unavailable' })
  fail(false)
  expect(await find(at('t2.example.com'))).toBe('https://t2.example.com')
})

test.each([
  ['another host', 'https://evil.example'],
  ['another port', 'https://t1.example.com:8443'],
  ['plain http', 'http://t1.example.com'],
  ['a path', 'https://t1.example.com/x'],
  ['userinfo', 'https://a@t1.example.com'],
  ['no text', 7 as unknown as string],
])('a loaded origin with %s is refused, and not kept', async (_, origin) => {
  const { find } = loading({ load: () => origin })
  for (let i = 0; i < 2; i++) {
    const error = await Promise.resolve(find(at('t1.example.com'))).catch((caught: unknown) => caught)
    expect(error).toBeInstanceOf(BffError)
    expect(error).toMatchObject({ code: 'invalid_config' })
  }
})

test('with a main origin on this machine, only hosts of this machine are origins', async () => {
  const { find } = loading({ main: 'http://localhost:3000', load: (host) => `http://${host}` })
  expect(await find(at('t1.localhost:3000'))).toBe('http://t1.localhost:3000')
  await expect(find(at('t1.example.com'))).rejects.toMatchObject({ code: 'invalid_config' })
})
