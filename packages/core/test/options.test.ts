import { randomBytes } from 'node:crypto'
import { expect, test, vi } from 'vitest'
import { memoryStore } from '../../store-memory/src/index.ts'
import { type BffConfig, createBff } from '../src/index.ts'
import { world } from './world.ts'

const valid = (): BffConfig => ({
  origin: 'https://app.example.com',
  store: memoryStore(),
  encryptionKeys: [randomBytes(32).toString('base64')],
  onEvent: () => {},
})

const making = (change: Record<string, unknown>) => () => createBff({ ...valid(), ...change } as BffConfig)

test.each([
  ['an unknown option', { orgin: 'x' }, /Unknown option orgin of createBff\..*origin/],
  [
    'an unknown nested option',
    { session: { idleTimeout: 5 } },
    /Unknown option idleTimeout of session\..*idleTimeoutMs/,
  ],
  ['a section that is no object', { cookie: 'bff' }, /options of cookie must be an object/],
  ['a missing origin', { origin: undefined }, /origin is missing\. .* bare origin such as https:\/\/app/],
  ['an empty origin', { origin: '' }, /origin is empty\. .* bare origin such as https:\/\/app/],
  ['an empty key', { encryptionKeys: [''] }, /^Encryption key 1 of 1 is empty\. Set it, or its environment/],
  ['an origin with a path', { origin: 'https://app.example.com/' }, /such as https:\/\/app\.example\.com,/],
  ['an origin with a default port', { origin: 'https://app.example.com:443' }, /bare origin/],
  ['a unicode origin [CSR-06]', { origin: 'https://münchen.de' }, /https:\/\/xn--mnchen-3ya\.de/],
  ['plain http on a public host', { origin: 'http://app.example.com' }, /must use https/],
  ['plain http on another machine', { origin: 'http://192.168.0.7:3000' }, /must use https/],
  ['a missing store', { store: undefined }, /memoryStore\(\)/],
  ['half a store', { store: { sessions: memoryStore().sessions } }, /sessions, ttl and events/],
  ['no key at all', { encryptionKeys: undefined }, /openssl rand -base64 32/],
  ['a short key [CRY-08]', { encryptionKeys: [randomBytes(31).toString('base64')] }, /31 bytes, not 32/],
  ['a base path with a slash at its end', { basePath: '/bff/' }, /basePath/],
  ['a cookie name with a space', { cookie: { name: 'my cookie' } }, /cookie\.name/],
  [
    'a SameSite of none',
    { cookie: { sameSite: 'none' } },
    /sameSite: 'none' and partitioned: true go together/,
  ],
  ['an idle timeout of zero', { session: { idleTimeoutMs: 0 } }, /idleTimeoutMs must be a number from/],
  ['a touch share above a half', { session: { touchShare: 0.6 } }, /touchShare/],
  ['a login that may take an hour [BFF-25]', { login: { transactionTtlMs: 3_600_000 } }, /transactionTtlMs/],
  ['NaN', { refresh: { thresholdMs: Number.NaN } }, /thresholdMs/],
  ['a foreign returnTo', { login: { returnTo: '//evil.example' } }, /login\.returnTo/],
  [
    'an allowed origin with a path',
    { csrf: { allowedOrigins: ['https://www.example.com/x'] } },
    /allowedOrigins/,
  ],
])('%s is a clear configuration error', (_name, change, message) => {
  expect(making(change)).toThrow(
    expect.objectContaining({ code: 'invalid_config', message: expect.stringMatching(message) }),
  )
})

test('a refused key is not repeated in the message [CRY-08]', () => {
  const key = 'not-a-key-but-a-passphrase-somebody-typed'
  expect(making({ encryptionKeys: [key] })).toThrow(
    expect.not.objectContaining({ message: expect.stringContaining(key) }),
  )
})

test('the cookie is __Host-Http-bff on https, and a custom one keeps to its prefix [BFF-07]', async () => {
  const { browser } = world()
  const user = browser()
  await user.signIn()
  expect([...user.cookies.keys()]).toEqual(['__Host-Http-bff'])
  expect(making({ origin: 'http://localhost:3000', cookie: { name: '__Host-x' } })).toThrow(/only over https/)
})

test('plain http on localhost is announced once and drops Secure', async () => {
  const events: string[] = []
  const bff = createBff({
    ...valid(),
    origin: 'http://localhost:3000',
    onEvent: ({ type }) => events.push(type),
  })
  expect(events).toEqual(['config.insecure'])
  const { cookie } = await bff.sessions.create({ userId: 'alice' })
  expect(cookie).toMatch(/^bff=/)
  expect(cookie).not.toContain('Secure')
})

test('without onEvent, warnings go to console.warn as one line', () => {
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => {})
  const { onEvent: _onEvent, ...config } = valid()
  createBff({ ...config, origin: 'http://localhost:3000' })
  expect(warn).toHaveBeenCalledExactlyOnceWith('[bff] config.insecure', expect.stringContaining('localhost'))
  warn.mockRestore()
})
