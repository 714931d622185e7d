import { expect, test } from 'vitest'
import type { RequestView } from '../../src/index.ts'
import { headerOf, request, setCookies, world } from '../world.ts'

/** What a browser sends when a page of the provider sends it here by form: another site's request, without cookies. */
function formPost(body: string, type = 'application/x-www-form-urlencoded'): RequestView {
  const headers = {
    'content-type': type,
    origin: 'https://idp.example.com',
    'sec-fetch-site': 'cross-site',
    'sec-fetch-mode': 'navigate',
    'sec-fetch-dest': 'document',
  }
  const chunks = async function* () {
    yield new TextEncoder().encode(body)
  }
  return { ...request('POST', '/bff/callback', headers), body: chunks }
}

test('A response by form goes on as a GET, which brings the cookie of the sign-in along', async () => {
  const { browser } = world()
  const alice = browser()
  const state = await alice.startSignIn()
  const reply = await alice.send(
    formPost(`code=c&state=${state}&user=%7B%7D&iss=https%3A%2F%2Fidp.example.com`),
  )
  expect(reply.status).toBe(303)
  expect(setCookies(reply)).toEqual([])
  const location = headerOf(reply, 'location') ?? ''
  expect(location).toBe(`/bff/callback?code=c&state=${state}&iss=https%3A%2F%2Fidp.example.com`)
  expect((await alice.navigate(location)).status).toBe(303)
  expect((await alice.fetch('GET', '/bff/user')).status).toBe(200)
})

test('A form that no browser of ours began signs nobody in', async () => {
  const { browser, provider } = world()
  const mallory = browser()
  const reply = await mallory.send(formPost('code=c&state=s'))
  await mallory.navigate(headerOf(reply, 'location') ?? '')
  expect(provider.calls).not.toContain('exchange')
})

test.each([
  ['is too large', 'code='.padEnd(20_000, 'c'), undefined],
  ['is no form', '{"code":"c"}', 'application/json'],
])('A response that %s leads to the app’s error path', async (_name, body, type) => {
  const { browser } = world()
  const reply = await browser().send(formPost(body, type))
  expect(headerOf(reply, 'location')).toContain('error=bad_request')
})
