import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type NextServer, nextServer, START_MS } from './support/next-server.ts'
import { ORIGIN, openWorld, send } from './support/world.ts'

let server: NextServer
beforeAll(async () => {
  server = await nextServer()
}, START_MS)
afterAll(() => server?.close())

/** What a signed-in browser gets that sends these headers. */
async function ask(method: 'GET' | 'POST', path: string, headers: Record<string, string>) {
  const world = openWorld()
  server.use(world.bff)
  const form = { 'content-type': 'application/x-www-form-urlencoded', 'content-length': '7' }
  const { status, text } = await send(server.origin, path, {
    method,
    headers: { cookie: await world.signIn(), ...(method === 'POST' && form), ...headers },
    ...(method === 'POST' && { body: 'a=b&c=d' }),
  })
  const { user = null, body = null, error = null } = JSON.parse(text)
  return { status, user, body, error }
}

const REFUSED = { status: 403, user: null, body: null, error: 'csrf_violation' }

const OWN: readonly Record<string, string>[] = [
  { 'sec-fetch-site': 'same-origin', origin: ORIGIN },
  { origin: ORIGIN },
]
const FOREIGN: readonly Record<string, string>[] = [
  {},
  { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' },
  { 'sec-fetch-site': 'same-site', origin: 'https://x.example.com' },
  { origin: 'https://evil.example' },
  { origin: 'null' },
]

describe("withSession with csrf: 'form'", () => {
  it.each(OWN)('takes a form of this origin: %j', async (headers) => {
    const taken = { status: 200, user: 'alice', body: 'a=b&c=d', error: null }
    expect(await ask('POST', '/app/form', headers)).toEqual(taken)
  })

  it.each(FOREIGN)('refuses any other form: %j', async (headers) => {
    expect(await ask('POST', '/app/form', headers)).toEqual(REFUSED)
  })
})

describe("getSession with csrf: 'form'", () => {
  it.each(OWN)('knows who sent a form of this origin: %j', async (headers) => {
    const known = { status: 200, user: 'alice', body: 'alice', error: null }
    expect(await ask('POST', '/app/optional-form', headers)).toEqual(known)
  })

  it.each(FOREIGN)('refuses any other form, and without the check knows who sent it: %j', async (headers) => {
    expect(await ask('POST', '/app/optional-form', headers)).toEqual({ ...REFUSED, body: 'alice' })
  })
})

describe("withSession with csrf: 'same-origin'", () => {
  it.each(OWN)('answers what a page of this origin fetches by itself: %j', async (headers) => {
    expect(await ask('GET', '/app/picture', headers)).toMatchObject({ status: 200, user: 'alice' })
  })

  it.each(FOREIGN)('refuses what any other page fetches: %j', async (headers) => {
    expect(await ask('GET', '/app/picture', headers)).toEqual(REFUSED)
  })

  it('refuses a form of this origin, and takes a script’s request with the header', async () => {
    const [headers = {}] = OWN
    expect(await ask('POST', '/app/picture', headers)).toEqual(REFUSED)
    expect(await ask('POST', '/app/picture', { ...headers, 'x-csrf': '1' })).toMatchObject({ status: 200 })
  })
})

it('withSession without csrf takes a request of this origin with the header, and no other', async () => {
  const [headers = {}] = OWN
  expect(await ask('POST', '/app/guarded', headers)).toEqual(REFUSED)
  expect(await ask('POST', '/app/guarded', { 'sec-fetch-site': 'cross-site', 'x-csrf': '1' })).toEqual(
    REFUSED,
  )
  expect(await ask('POST', '/app/guarded', { ...headers, 'x-csrf': '1' })).toMatchObject({ user: 'alice' })
})
