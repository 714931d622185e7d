import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type NextServer, nextServer, START_MS } from './support/next-server.ts'
import { openWorld, send } from './support/world.ts'

/** Requests with which Next was, at some time, led around its middleware, or that speak its internal language. */
const AROUND: ReadonlyArray<readonly [id: string, suffix: string, headers: Record<string, string>]> = [
  ['CVE-2025-29927', '', { 'x-middleware-subrequest': 'proxy' }],
  ['CVE-2025-29927', '', { 'x-middleware-subrequest': Array(5).fill('proxy').join(':') }],
  ['CVE-2025-29927', '', { 'x-middleware-subrequest': Array(5).fill('middleware').join(':') }],
  ['CVE-2025-29927', '', { 'x-middleware-subrequest': Array(5).fill('src/middleware').join(':') }],
  ['CVE-2026-44573', '', { 'x-nextjs-data': '1' }],
  ['CVE-2026-44574', '?nxtPpath=guarded&nextParamValue=1', {}],
  ['CVE-2026-44575', '.rsc', { rsc: '1' }],
  ['CVE-2026-44575', '.segments/_tree.segment.rsc', { rsc: '1', 'next-router-prefetch': '1' }],
  ['CSR-15', '', { rsc: '1', 'next-router-prefetch': '1' }],
  ['CSR-15', '', { 'x-middleware-invoke': '1', 'x-middleware-next': '1' }],
  ['CSR-15', '', { 'x-invoke-path': '/', 'x-invoke-status': '200', 'x-invoke-output': '/guarded' }],
  ['CSR-15', '', { 'x-matched-path': '/', 'x-now-route-matches': '1=guarded' }],
  ['CSR-15', '', { 'next-resume': '1' }],
  ['CSR-15', '', { 'x-prerender-revalidate': '1', 'x-prerender-bypass': '1' }],
  [
    'CSR-15',
    '',
    { 'x-middleware-override-headers': 'cookie', 'x-middleware-request-cookie': '__Host-Http-bff=x' },
  ],
  ['CSR-15', '', { 'x-middleware-set-cookie': '__Host-Http-bff=x' }],
]

let server: NextServer
beforeAll(async () => {
  server = await nextServer()
}, START_MS)
afterAll(() => server?.close())

describe('the check is in the handler [CSR-15]', () => {
  it.each(AROUND)('%s: %s %j opens nothing to nobody', async (_, suffix, headers) => {
    const { bff } = openWorld()
    server.use(bff)
    for (const call of [{ headers }, { headers: { ...headers, cookie: '__Host-Http-bff=forged' } }]) {
      for (const path of ['/guarded', '/private']) {
        const { text } = await send(server.origin, path + suffix, call)
        expect(text).not.toMatch(/the secret|private to/)
      }
      const guarded = await send(server.origin, `/app/guarded${suffix}`, {
        headers: { ...call.headers, 'x-csrf': '1' },
      })
      expect(guarded.text).not.toContain('"user"')
      expect(guarded.status).toBeGreaterThanOrEqual(300)
      const user = await send(server.origin, `/bff/user${suffix}`, {
        headers: { ...call.headers, 'x-csrf': '1' },
      })
      expect(user.status).toBeGreaterThanOrEqual(300)
    }
  })

  it.each(AROUND)('%s: %s %j stands in for no CSRF header', async (_, suffix, headers) => {
    const { bff, signIn } = openWorld()
    server.use(bff)
    const call = { headers: { ...headers, cookie: await signIn() } }
    for (const path of ['/app/guarded', '/bff/user']) {
      const { status, text } = await send(server.origin, path + suffix, call)
      expect(text).not.toContain('alice')
      expect(status).toBeGreaterThanOrEqual(300)
    }
  })
})
