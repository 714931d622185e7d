import { webRequestView } from '@bff/core'
import { expect, it } from 'vitest'
import { nextBff } from '../src/index.ts'
import { publicTarget } from '../src/next-paths.ts'
import { ORIGIN, openWorld } from './support/world.ts'

const CSRF = { 'x-csrf': '1', 'sec-fetch-site': 'same-origin' }

it('says what to configure where the BFF was given a path without the basePath', async () => {
  const other = openWorld()
  const { handlers } = nextBff(() => other.bff, { name: 'unreachable', basePath: '/shop' })
  const answer = await handlers.GET(new Request(`${ORIGIN}/bff/user`, { headers: CSRF }))
  expect([answer.status, (await answer.json()).message]).toEqual([
    404,
    expect.stringContaining("basePath: '/shop/bff'"),
  ])
})

it.each([
  ['/bff/login/?a=/', '/shop/bff/login?a=/'],
  ['/bff/login', '/shop/bff/login'],
  ['/auth/own/', '/shop/auth/own'],
  ['/api/orders/?a=1', '/shop/api/orders/?a=1'],
  ['/api/', '/shop/api/'],
  ['/', '/shop/'],
])('%s was %s to the browser', (target, expected) => {
  const { bff } = openWorld({
    basePath: '/shop/bff',
    plugins: [() => ({ endpoints: { '/shop/auth/own': { methods: {} } } })],
  })
  const view = webRequestView(new Request(`https://app.example.com${target}`))
  expect(publicTarget(view, '/shop', bff)).toBe(expected)
})
