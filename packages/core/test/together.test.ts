import { createServer } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { expect, onTestFinished, test, vi } from 'vitest'
import { together } from '../src/internal/together.ts'

test('The work of requests that arrive together is done after all of them were read.', async () => {
  const seen: string[] = []
  const server = createServer(async (_req, res) => {
    seen.push('read')
    await together(() => seen.push('done'))
    res.end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  const { port } = server.address() as AddressInfo
  // One event brings both requests to the parser of their connection.
  const socket = connect(port, '127.0.0.1')
  socket.write('GET / HTTP/1.1\r\nhost: a\r\n\r\nGET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n')
  await new Promise((resolve) => socket.resume().once('close', resolve))
  expect(seen).toEqual(['read', 'read', 'done', 'done'])
})

test('A work that fails rejects for its own caller alone.', async () => {
  const failed = together(() => {
    throw new Error('mine')
  })
  const done = together(() => 'fine')
  await expect(failed).rejects.toThrow('mine')
  expect(await done).toBe('fine')
})

test('The fake timers of a test do not hold work back.', async () => {
  vi.useFakeTimers()
  onTestFinished(() => void vi.useRealTimers())
  expect(await together(() => 'done')).toBe('done')
})
