import { spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Server } from 'node:http'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { listen } from './harness.ts'

/** An API whose connections stay, and that tells who waits for the end of a stream. */
async function api() {
  let streams = 0
  const { origin, server } = await listen((req, res) => {
    if (req.url !== '/stream') return void res.end('short')
    res.writeHead(200, { 'content-type': 'text/event-stream' }).write('data: 1\n\n')
    if (++streams === 2) server.emit('two streams')
  })
  server.keepAliveTimeout = 0
  return { origin, server }
}

/** A process that has proxied a request; gives it nothing more to do when told, and has its exit code. */
async function proxying({ origin, server }: { origin: string; server: Server }, ...how: string[]) {
  const worker = fileURLToPath(new URL('idle.worker.ts', import.meta.url))
  const args = ['--import', 'tsx', '--conditions=@bff/source', worker, origin, ...how]
  const streaming = how.length === 0 ? null : once(server, 'two streams')
  const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] })
  const ended = once(child, 'exit')
  const [said] = await once(child.stdout, 'data')
  expect(String(said)).toBe('short')
  await streaming
  child.stdin.end()
  return (await ended)[0]
}

test('a process with idle connections to an API ends by itself once it has nothing more to do', async () => {
  expect(await proxying(await api())).toBe(0)
})

test('a process whose BFF is closed while answers stream ends by itself', async () => {
  expect(await proxying(await api(), 'closed')).toBe(0)
})
