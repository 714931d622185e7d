import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { Agent, createServer, get, type IncomingMessage, type Server } from 'node:http'
import { join } from 'node:path'
import { transformSync } from 'esbuild'
import { expect, it, onTestFinished } from 'vitest'
import { root } from '../process.mjs'

/** `closeOnSigterm` as `docs/operate/running.md` has it. */
async function documented(): Promise<(server: Server, bff: { close(): Promise<void> }) => void> {
  const page = readFileSync(join(root, 'docs/operate/running.md'), 'utf8')
  const [, block = ''] = /```ts\n(.*?closeOnSigterm.*?)```/s.exec(page) ?? []
  const { code } = transformSync(block, { loader: 'ts', format: 'esm' })
  return (await import(`data:text/javascript,${encodeURIComponent(code)}`)).closeOnSigterm
}

it('The documented shutdown answers every request of a busy connection, and ends before it cuts any', async () => {
  const closeOnSigterm = await documented()
  const server = createServer((_request, response) => void setImmediate(() => response.end('ok')))
  server.keepAliveTimeout = 60_000
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : undefined
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  onTestFinished(() => {
    agent.destroy()
    server.closeAllConnections()
  })
  const ask = async () => {
    const [response] = (await once(get({ port, host: '127.0.0.1', agent }), 'response')) as [IncomingMessage]
    response.resume()
    await once(response, 'end')
    return response.headers.connection
  }
  const others = process.listeners('SIGTERM')
  const closed = new Promise<void>((resolve) => closeOnSigterm(server, { close: async () => resolve() }))
  const [onSigterm] = process.listeners('SIGTERM').filter((listener) => !others.includes(listener))
  expect(await ask()).toBe('keep-alive')
  // A request that is under way when the signal comes, with the next one behind it on the same connection.
  const underWay = ask()
  await once(server, 'request')
  onSigterm?.('SIGTERM')
  expect(await underWay).toBe('keep-alive')
  const answers: (string | undefined)[] = []
  const asking = (async () => {
    for (;;) answers.push(await ask())
  })()
  await expect(asking).rejects.toMatchObject({ code: 'ECONNREFUSED' })
  expect(answers).toEqual(['close'])
  await closed
}, 8_000)
