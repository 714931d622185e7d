import { expect, test } from 'vitest'
import { healthEndpoint } from '../../src/endpoints/index.ts'
import { world } from '../world.ts'

test.each(['/bff/session', '/bff/user'])(
  'HEAD %s answers as GET does, after the same checks',
  async (path) => {
    const { bff, browser } = world()
    const alice = browser()
    await alice.signIn()
    const asked = (method: string, headers = {}) =>
      bff.handle({ ...alice.view(method, path, headers), upgrade: false })
    const [get, head] = [await asked('GET'), await asked('HEAD')]
    expect(head).toMatchObject({ status: 200, headers: get?.headers })
    expect((await asked('HEAD', { 'x-csrf': '' }))?.status).toBe(403)
  },
)

test('HEAD needs no header where GET needs none', async () => {
  const { bff, browser } = world({ plugins: [healthEndpoint()] })
  expect((await bff.handle(browser().view('HEAD', '/bff/health', { 'x-csrf': '' })))?.status).toBe(200)
})

test.each(['/bff/login', '/bff/callback', '/bff/logout?sid=x'])(
  'there is no HEAD of %s, whose GET changes something',
  async (path) => {
    const { bff, browser } = world()
    const reply = await bff.handle(browser().view('HEAD', path))
    expect([reply?.status, reply?.headers.find(([name]) => name === 'allow')?.[1]]).toEqual([
      405,
      expect.stringMatching(/^(?!.*HEAD).*GET/),
    ])
  },
)

test('a path without GET names no HEAD', async () => {
  const { bff, browser } = world()
  const reply = await bff.handle(browser().view('HEAD', '/bff/refresh'))
  expect([reply?.status, reply?.headers.find(([name]) => name === 'allow')?.[1]]).toEqual([405, 'POST'])
})
