import { fileURLToPath } from 'node:url'
import {
  apiFailureOf,
  browserHint,
  certificateOf,
  encryptionKeyOf,
  endOnSignal,
  idpOptionsOf,
  orExplain,
  portsOf,
} from '@bff/demo'
import { sessionsFileOf } from './sessions-file.ts'
import { type Stack, startStack } from './stack.ts'

/** Beside those of the other demo: the two share no session. */
const DEFAULT_FOLDER = fileURLToPath(new URL('../../../../.demo/next', import.meta.url))

const say = (line: string) => process.stdout.write(`${line}\n`)

await orExplain(async () => {
  const { env } = process
  const ports = portsOf(env)
  const certificate = certificateOf(process.argv.slice(2))
  const apiFailure = apiFailureOf(env)
  const folder = env['DEMO_FOLDER'] ?? DEFAULT_FOLDER
  let stack: Stack | null = null
  endOnSignal(async () => stack?.close())
  const sqlitePath = sessionsFileOf(folder, env['DEMO_STORE'])
  const encryptionKey = encryptionKeyOf({ ...env, DEMO_FOLDER: folder })
  say(`  encryption key   ${encryptionKey.place}`)
  say(`  sessions         ${sqlitePath === null ? 'in memory, gone with this process' : `in ${sqlitePath}`}`)
  stack = await startStack({
    ports,
    certificate,
    apiFailure,
    encryptionKey: encryptionKey.key,
    sqlitePath,
    idp: idpOptionsOf(env),
    onProgress: say,
  })
  if (certificate !== undefined) say(browserHint(certificate, stack.app.origin))
  say(`ready ${stack.app.origin}`)
})
