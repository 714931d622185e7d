import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { fileURLToPath } from 'node:url'
import type { Ports } from '@bff/demo'
import { freePorts } from '@bff/test-support/demo'
import { temporaryFolder } from '@bff/test-support/temporary-folder'
import { expect, it, onTestFinished } from 'vitest'

const LAUNCHER = fileURLToPath(new URL('../src/launch/launch.ts', import.meta.url))

function launch(ports: Ports, environment: Record<string, string> = {}) {
  const child = spawn(process.execPath, ['--import', 'tsx', '--conditions=@bff/source', LAUNCHER], {
    env: {
      ...process.env,
      DEMO_FOLDER: temporaryFolder(),
      IDP_PORT: String(ports.idp),
      API_PORT: String(ports.api),
      DEMO_PORT: String(ports.demo),
      ...environment,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  let [output, errors] = ['', '']
  const ready = new Promise<void>((resolve) => {
    child.stdout.on('data', (chunk) => {
      output += String(chunk)
      if (/^ready /m.test(output)) resolve()
    })
  })
  child.stderr.on('data', (chunk) => {
    errors += String(chunk)
  })
  const ended = once(child, 'close').then(() => ({ code: child.exitCode, output, errors }))
  return { child, ended, ready: Promise.race([ready, ended]) }
}

it('starts all three, says ready once, and ends in good order on SIGTERM', async () => {
  const ports = await freePorts()
  const { child, ready, ended } = launch(ports)
  await ready
  const page = await (await fetch(`http://localhost:${ports.demo}`)).text()
  expect(page).toContain('No token in the browser')
  child.kill('SIGTERM')
  const { code, output } = await ended
  expect(code).toBe(0)
  expect(output.match(/^ready .*$/gm)).toEqual([`ready http://localhost:${ports.demo}`])
  await expect(fetch(`http://localhost:${ports.demo}`)).rejects.toThrow()
})

it('starts an API that fails as API_FAIL says', async () => {
  const ports = await freePorts()
  await launch(ports, { API_FAIL: '500' }).ready
  expect((await fetch(`http://localhost:${ports.api}/orders`)).status).toBe(500)
})

it('names the variable of a port that is taken, and leaves nothing running', async () => {
  const ports = await freePorts()
  const squatter = createServer().listen(ports.demo, '127.0.0.1')
  onTestFinished(() => void squatter.close())
  await once(squatter, 'listening')
  const { code, errors } = await launch(ports).ended
  expect([code, errors]).toEqual([
    1,
    `Port ${ports.demo} is taken: set DEMO_PORT to a free one for the app.\n`,
  ])
})

it('refuses a key that is none before anything starts', async () => {
  const { code, output, errors } = await launch(await freePorts(), { DEMO_ENCRYPTION_KEY: 'hello' }).ended
  expect(code).toBe(1)
  expect(errors).toMatch(/^DEMO_ENCRYPTION_KEY: .* Make a key with: openssl rand -base64 32\n$/)
  expect(output).not.toContain('http://')
})

it('refuses a store it does not have in one sentence', async () => {
  const { code, errors } = await launch(await freePorts(), { DEMO_STORE: 'redis' }).ended
  expect([code, errors]).toEqual([1, 'DEMO_STORE must be one of: sqlite, memory.\n'])
})
