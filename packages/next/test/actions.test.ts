import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type NextServer, nextServer, START_MS } from './support/next-server.ts'
import { ORIGIN, openWorld, send } from './support/world.ts'

const place = globalThis as { actedFor?: string[] }
const BOUNDARY = 'the-boundary'

let server: NextServer
let field: string
beforeAll(async () => {
  server = await nextServer()
  const { text } = await send(server.origin, '/actions')
  field = /name="(\$ACTION_ID_[^"]+)"/.exec(text)?.[1] ?? ''
  expect(field).not.toBe('')
}, START_MS)
afterAll(() => server?.close())
beforeEach(() => {
  place.actedFor = []
})

/** The form of the page, sent as a browser without scripts sends it. */
async function submit(headers: Record<string, string>): Promise<number> {
  const body = `--${BOUNDARY}\r\nContent-Disposition: form-data; name="${field}"\r\n\r\n\r\n--${BOUNDARY}--\r\n`
  const { status } = await send(server.origin, '/actions', {
    method: 'POST',
    headers: {
      host: 'app.example.com',
      'content-type': `multipart/form-data; boundary=${BOUNDARY}`,
      'content-length': String(body.length),
      ...headers,
    },
    body,
  })
  return status
}

async function signedIn(): Promise<string> {
  const world = openWorld()
  server.use(world.bff)
  return world.signIn()
}

describe('to CSR-08 requireSession in a server action [CSR-01]', () => {
  it.each([{ 'sec-fetch-site': 'same-origin', origin: ORIGIN }, { origin: ORIGIN }])(
    'acts for a page of this origin: %j',
    async (headers) => {
      expect(await submit({ cookie: await signedIn(), ...headers })).toBe(200)
      expect(place.actedFor).toEqual(['alice'])
    },
  )

  it.each([
    ['no word of where it comes from, which Next itself lets pass', {}],
    ['another site', { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' }],
    ['another origin of the same site', { 'sec-fetch-site': 'same-site', origin: 'https://x.example.com' }],
    ['an opaque origin', { origin: 'null' }],
    [
      'a host of the request’s own choosing, which Next believes',
      { host: 'evil.example', origin: 'https://evil.example' },
    ],
    [
      'a forwarded host, which Next believes',
      { 'x-forwarded-host': 'evil.example', origin: 'https://evil.example' },
    ],
  ])('refuses %s', async (_, headers) => {
    await submit({ cookie: await signedIn(), ...headers })
    expect(place.actedFor).toEqual([])
  })

  it('refuses somebody who is not signed in', async () => {
    await signedIn()
    await submit({ origin: ORIGIN })
    expect(place.actedFor).toEqual([])
  })
})
