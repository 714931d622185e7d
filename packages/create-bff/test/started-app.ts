import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { freePort } from '@bff/servers'
import { signIn } from '@bff/testing'
import { expect, onTestFinished } from 'vitest'

type Environment = Readonly<Record<string, string>>

/** The arguments of Node in a script of the app and in the one before it, as npm would run them. */
function linesOf(app: string, script: string): readonly (readonly string[])[] {
  const { scripts } = JSON.parse(readFileSync(join(app, 'package.json'), 'utf8'))
  return [scripts[`pre${script}`], scripts[script]].flatMap((line: string | undefined) => {
    if (line === undefined) return []
    const [program = '', ...args] = line.split(' ')
    return [program === 'node' ? args : [`node_modules/.bin/${program}`, ...args]]
  })
}

/** Runs a script of the app to its end; returns its exit code. */
export async function runScript(app: string, script: string, env: Environment = {}): Promise<number> {
  for (const line of linesOf(app, script)) {
    const [code] = await once(start(app, line, env), 'exit')
    if (code !== 0) return code
  }
  return 0
}

function start(app: string, args: readonly string[], env: Environment) {
  return spawn(process.execPath, args, {
    cwd: app,
    env: { PATH: process.env['PATH'], NEXT_TELEMETRY_DISABLED: '1', ...env },
    stdio: ['ignore', 'ignore', 'inherit'],
  })
}

/** Starts an app as `npm run dev` does, on free ports, and resolves with its origin once its page opens. */
export async function startApp(app: string, env: Environment = {}): Promise<string> {
  const [line = [], before] = linesOf(app, 'dev').toReversed()
  const settings = { ...env, ...(await freePorts()) }
  if (before !== undefined) expect((await once(start(app, before, settings), 'exit'))[0]).toBe(0)
  return opened(app, line, settings)
}

/** Starts an app as `npm start` does in production, beside the provider and the API of `npm run dev`. */
export async function startBuiltApp(app: string, env: Environment = {}): Promise<string> {
  const [line = []] = linesOf(app, 'start')
  const settings = { ...env, ...(await freePorts()), NODE_ENV: 'production' }
  return opened(app, ['--env-file=.env', '--import', 'tsx', 'dev/start.ts', ...line], settings)
}

async function freePorts() {
  const [port, providerPort, apiPort] = [await freePort(), await freePort(), await freePort()]
  return {
    ORIGIN: `http://localhost:${port}`,
    PORT: String(port),
    ISSUER: `http://localhost:${providerPort}`,
    DEV_PROVIDER_PORT: String(providerPort),
    API_ORIGIN: `http://localhost:${apiPort}`,
    DEV_API_PORT: String(apiPort),
  }
}

async function opened(app: string, line: readonly string[], settings: Environment & { ORIGIN: string }) {
  const running = start(app, line, settings)
  onTestFinished(async () => {
    if (running.exitCode !== null || running.signalCode !== null) return
    const ended = once(running, 'exit')
    running.kill('SIGTERM')
    await ended
  })
  const page = () =>
    fetch(settings.ORIGIN).then(
      ({ status }) => status,
      () => (running.exitCode === null ? 'away' : 'ended'),
    )
  await expect.poll(page, { timeout: 300_000, interval: 200 }).toBe(200)
  return settings.ORIGIN
}

/** What every app does: a page for everyone, a sign-in, a call to the API with the user's token, a sign-out. */
export async function expectJourney(origin: string): Promise<void> {
  const pageOf = async (headers: Record<string, string> = {}) => (await fetch(origin, { headers })).text()
  expect(await pageOf()).toMatch(/<a href="\/bff\/login"[^>]*>Sign in<\/a>/)
  const { cookie, headers } = await signIn(origin, 'alice')
  expect(await pageOf({ cookie })).toMatch(/<h1>Hello, Alice/)
  const answer = await fetch(`${origin}/api/hello`, { headers })
  expect(await answer.json()).toEqual({ path: '/hello', token: 'Bearer', cookie: false })
  expect((await fetch(`${origin}/bff/logout`, { method: 'POST', headers })).status).toBe(200)
  expect(await pageOf({ cookie })).toContain('Sign in')
}
