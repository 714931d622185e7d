import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { fileURLToPath } from 'node:url'
import { freePorts } from '@bff/test-support/demo'
import { temporaryFolder } from '@bff/test-support/temporary-folder'
import { expect, it, onTestFinished } from 'vitest'
import type { Ports } from '../src/index.ts'

const ROOT = fileURLToPath(new URL('../../..', import.meta.url))
const LAUNCH = ['--import', 'tsx', '--conditions=@bff/source', 'apps/demo/src/launch.ts']

interface Launched {
  readonly child: ChildProcess
  readonly ended: Promise<{ code: number | null; output: string; errors: string }>
  /** Resolves with the output up to a line that begins so. */
  line(start: string): Promise<string>
}

function launch(ports: Ports, environment: Record<string, string> = {}): Launched {
  const child = spawn(process.execPath, LAUNCH, {
    cwd: ROOT,
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
  onTestFinished(() => {
    child.kill('SIGKILL')
  })
  let output = ''
  let errors = ''
  let heard = () => {}
  child.stdout.on('data', (chunk) => {
    output += String(chunk)
    heard()
  })
  child.stderr.on('data', (chunk) => {
    errors += String(chunk)
  })
  const ended = once(child, 'close').then(() => ({ code: child.exitCode, output, errors }))
  return {
    child,
    ended,
    line: (start) =>
      new Promise((resolve, reject) => {
        heard = () => {
          if (output.split('\n').some((line) => line.startsWith(start))) resolve(output)
        }
        heard()
        void ended.then(() => reject(new Error(`It ended without a line “${start}”: ${output}${errors}`)))
      }),
  }
}

/** Leaves a connection open, which a server must not wait for. */
async function holdConnection(port: number): Promise<void> {
  const response = await fetch(`http://localhost:${port}/`, { redirect: 'manual' })
  await response.text()
}

it('starts all three, says ready once, and ends in good order on SIGTERM', async () => {
  const ports = await freePorts()
  const { child, line, ended } = launch(ports)
  const output = await line('ready ')
  expect(output.trimEnd().endsWith(`ready http://localhost:${ports.demo}`)).toBe(true)
  for (const port of Object.values(ports)) await holdConnection(port)
  child.kill('SIGTERM')
  const { code, output: all, errors } = await ended
  expect([code, errors]).toEqual([0, ''])
  expect(all.match(/^ready /gm)).toHaveLength(1)
  await expect(fetch(`http://localhost:${ports.demo}`)).rejects.toThrow()
})

it('starts an API that fails as API_FAIL says', async () => {
  const ports = await freePorts()
  await launch(ports, { API_FAIL: '500' }).line('ready ')
  const response = await fetch(`http://localhost:${ports.api}/orders`)
  expect([response.status, await response.json()]).toMatchObject([500, { error: 'internal_error' }])
})

it('names the variable of a port that is taken, and leaves nothing running', async () => {
  const ports = await freePorts()
  const squatter = createServer().listen(ports.demo, '127.0.0.1')
  onTestFinished(() => {
    squatter.close()
  })
  await once(squatter, 'listening')
  const { code, errors } = await launch(ports).ended
  expect([code, errors]).toEqual([
    1,
    `Port ${ports.demo} is taken: set DEMO_PORT to a free one for the app.\n`,
  ])
})

it('refuses what it does not understand in one sentence', async () => {
  const ports = await freePorts()
  for (const [environment, sentence] of [
    [{ DEMO_STORE: 'shelf' }, 'DEMO_STORE must be one of: sqlite, redis, postgres, mysql, memory.\n'],
    [{ IDP_PORT: 'x' }, 'IDP_PORT must be a port number from 1 to 65535.\n'],
    [{ API_FAIL: 'x' }, 'API_FAIL must be one of: none, 401, 413, 500, hang, reset, close, continue.\n'],
    [
      { DEMO_ENCRYPTION_KEY: 'short' },
      /^DEMO_ENCRYPTION_KEY: Encryption key 1 .* Make a key with: openssl rand -base64 32\n$/,
    ],
  ] as const) {
    const { code, errors } = await launch(ports, environment).ended
    expect(code).toBe(1)
    if (typeof sentence === 'string') expect(errors).toBe(sentence)
    else expect(errors).toMatch(sentence)
  }
})
