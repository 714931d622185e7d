import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '@bff/servers'

const ELEMENT = 'element-6066-11e4-a52e-4f735466cecf'

/** Firefox as its own Marionette protocol drives it: the commands of WebDriver, one after the other. */
export interface Firefox {
  send<T>(command: string, parameters?: object): Promise<T>
  /** Returns the reference of an element, once it is there. */
  find(css: string): Promise<object>
  close(): Promise<void>
}

/** Starts the machine's own Firefox, which accepts any certificate; `FIREFOX` names one that is elsewhere. */
export async function launchFirefox(): Promise<Firefox> {
  const profile = mkdtempSync(join(tmpdir(), 'bff-firefox-'))
  const port = await freePort()
  writeFileSync(join(profile, 'user.js'), `user_pref('marionette.port', ${port});\n`)
  const given = ['--headless', '--marionette', '--no-remote', '--profile', profile]
  const child = spawn(process.env['FIREFOX'] ?? 'firefox-esr', given, {
    stdio: ['ignore', 'pipe', 'ignore'],
    env: { ...process.env, HOME: profile, MOZ_HEADLESS: '1' },
  })
  const exited = new Promise<void>((resolve) => {
    child.on('exit', () => resolve())
    child.on('error', () => resolve())
  })
  const failed = exited.then(() => {
    throw new Error(
      'Firefox did not start. Install it (Debian: apt-get install firefox-esr), or name one in FIREFOX.',
    )
  })
  failed.catch(() => {})
  const listening = new Promise<void>((resolve) => {
    child.stdout.on('data', (text) => /Listening on port/.test(String(text)) && resolve())
  })
  await Promise.race([listening, failed])
  const socket = connect(port, '127.0.0.1')
  const send = commands(socket)
  const close = async () => {
    socket.destroy()
    child.kill('SIGKILL')
    await exited
    rmSync(profile, { recursive: true, force: true, maxRetries: 5 })
  }
  await send('WebDriver:NewSession', { acceptInsecureCerts: true, timeouts: { implicit: 30_000 } })
  return {
    send,
    async find(css) {
      const { value } = await send<{ value: object }>('WebDriver:FindElement', {
        using: 'css selector',
        value: css,
      })
      return value
    },
    close,
  }
}

/** The id of an element, as commands want it. */
export const idOf = (element: object): string => (element as Record<string, string>)[ELEMENT] ?? ''

/** Each message is its length, a colon and JSON. The first one is a greeting. */
function commands(socket: Socket): Firefox['send'] {
  const waiting = new Map<
    number,
    (error: { error: string; message: string } | null, value: unknown) => void
  >()
  let count = 0
  let buffer = Buffer.alloc(0)
  socket.on('data', (chunk) => {
    buffer = Buffer.concat([buffer, chunk])
    for (;;) {
      const colon = buffer.indexOf(':')
      const end = colon + 1 + Number(buffer.subarray(0, Math.max(0, colon)).toString())
      if (colon === -1 || buffer.length < end) return
      const message: unknown = JSON.parse(buffer.subarray(colon + 1, end).toString())
      buffer = buffer.subarray(end)
      if (!Array.isArray(message)) continue
      const [, id, error, value] = message
      waiting.get(id)?.(error, value)
      waiting.delete(id)
    }
  })
  return (command, parameters = {}) =>
    new Promise((resolve, reject) => {
      const id = ++count
      waiting.set(id, (error, value) =>
        error === null
          ? resolve(value as never)
          : reject(new Error(`${command}: ${error.error}: ${error.message}`)),
      )
      const text = JSON.stringify([0, id, command, parameters])
      socket.write(`${Buffer.byteLength(text)}:${text}`)
    })
}
