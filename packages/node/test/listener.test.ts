import { once } from 'node:events'
import { request } from 'node:http'
import { buffer, text } from 'node:stream/consumers'
import { expect, it } from 'vitest'
import { nodeListener } from '../src/index.ts'
import { bffThat, listen, nothing, ok, Wire } from './harness.ts'

const own = bffThat((view) => (view.target.startsWith('/bff') ? ok(`bff ${view.target}`) : undefined))

it('answers the paths of the BFF and leaves the others to the fallback', async () => {
  const { origin } = await listen(nodeListener(own, (req, res) => res.end(`app ${req.url}`)))
  expect(await (await fetch(`${origin}/bff/user?a=1`)).text()).toBe('bff /bff/user?a=1')
  expect(await (await fetch(`${origin}/index.html`)).text()).toBe('app /index.html')
})

it('answers 404 in the error shape of the BFF when there is no fallback', async () => {
  const { origin } = await listen(nodeListener(own))
  const response = await fetch(`${origin}/nothing`)
  expect([response.status, await response.json()]).toEqual([404, { error: 'not_found' }])
})

it('leaves the body unread for the fallback', async () => {
  const { origin } = await listen(nodeListener(own, async (req, res) => void res.end(await text(req))))
  expect(await (await fetch(origin, { method: 'POST', body: 'hello' })).text()).toBe('hello')
})

it.each([
  '*',
  '//evil.example',
  '/\\evil',
  '/%',
  '/%zz%00',
  'http://evil.example/bff',
  '/bff/%c0%af',
  '/bff?%',
])('hands on the target %s as it came and stays up [PRX-23]', async (target) => {
  const echo = bffThat((view) => ok(`[${view.target}]`))
  const { port } = await listen(nodeListener(echo))
  const wire = new Wire(port)
  wire.send(`OPTIONS ${target} HTTP/1.1\r\nhost: a\r\n\r\n`)
  expect(await wire.until(']')).toContain(`[${target}]`)
})

it.each(['GET  / HTTP/1.1', 'GET / HTTP/9', 'G\x01T / HTTP/1.1', '\x16\x03\x01'])(
  'survives the nonsense %j [PRX-23]',
  async (line) => {
    const { port, origin } = await listen(nodeListener(own))
    const wire = new Wire(port)
    wire.send(`${line}\r\n\r\n`)
    expect(await wire.closed()).toContain('400')
    expect((await fetch(`${origin}/bff`)).status).toBe(200)
  },
)

it('lets a client that expects 100-continue go on [PRX-15]', async () => {
  const { origin } = await listen(
    nodeListener(bffThat(async (view) => ok(await buffer(view.body() ?? nothing)))),
  )
  const upload = request(origin, { method: 'POST', headers: { expect: '100-continue', 'content-length': 5 } })
  upload.flushHeaders()
  await once(upload, 'continue')
  upload.end('hello')
  const [response] = await once(upload, 'response')
  expect(await text(response)).toBe('hello')
})
