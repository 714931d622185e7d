import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type NextServer, nextServer, START_MS } from './support/next-server.ts'
import { openWorld, send } from './support/world.ts'

let server: NextServer
beforeAll(async () => {
  server = await nextServer()
}, START_MS)
afterAll(() => server?.close())

describe('what holds of the laws Next breaks', () => {
  it('a query means what it meant, and the path is what it was [HA-14]', async () => {
    const { text } = await send(server.origin, '/app/echo?q=a%2Fb+c&q=%20&empty=&x=%C3%A9')
    const { pathname, searchParams } = new URL(JSON.parse(text).target, server.origin)
    expect([pathname, [...searchParams]]).toEqual([
      '/app/echo',
      [
        ['q', 'a/b c'],
        ['q', ' '],
        ['empty', ''],
        ['x', 'é'],
      ],
    ])
  })

  it('an absolute-form target of another host reaches neither the BFF nor the app [HA-11]', async () => {
    const { bff, signIn } = openWorld()
    server.use(bff)
    const headers = { cookie: await signIn(), 'x-csrf': '1' }
    const { status, text } = await send(server.origin, 'http://evil.example/bff/user', { headers })
    expect([status, text.includes('alice')]).toEqual([308, false])
  })
})
