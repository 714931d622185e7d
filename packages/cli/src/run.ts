import { readFileSync } from 'node:fs'
import { generateEncryptionKey, isBffError } from '@bff/core'
import { bench } from './bench.ts'
import { causesOf } from './cause.ts'
import { doctor, type Finding } from './doctor.ts'
import { readFlags } from './flags.ts'
import { HELP, OVERVIEW } from './help.ts'
import { mint } from './mint.ts'
import { CommandFailed, type ExitCode, jsonText, type Output, printable, WrongArguments } from './output.ts'
import { rotate } from './rotate.ts'
import { schema } from './schema.ts'
import { sessions } from './sessions.ts'

const MARKS: Record<Finding['status'], string> = { ok: '✓', warning: '!', failed: '✗', skipped: '–' }

const COMMANDS: Readonly<
  Record<string, (args: readonly string[], output: Output) => ExitCode | Promise<ExitCode>>
> = { doctor: examine, keygen, rotate, sessions, schema, bench, mint }

const ASKS_FOR_HELP = new Set(['--help', '-h'])

/** Runs one command line, without the name of the program; returns the exit code. */
export async function run(args: readonly string[], output: Output): Promise<ExitCode> {
  const [name = '', ...rest] = args[0] === 'help' ? [...args.slice(1, 2), '--help'] : args
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined
  const help = (command && HELP[name]) ?? OVERVIEW
  if (ASKS_FOR_HELP.has(name) || (command && rest.some((arg) => ASKS_FOR_HELP.has(arg)))) {
    output.out(help)
    return 0
  }
  if (name === '--version') {
    output.out(version())
    return 0
  }
  try {
    if (command === undefined)
      throw new WrongArguments(name === '' ? 'Name a command.' : `No command: ${name}.`)
    return await command(rest, output)
  } catch (error) {
    if (error instanceof WrongArguments) {
      output.err(`${error.message}\n\n${help}`)
      return 2
    }
    if (!(error instanceof CommandFailed || isBffError(error))) throw error
    output.err(isBffError(error) ? `${error.code}: ${error.message}` : error.message)
    const causes = causesOf(error)
    if (causes !== null) output.err(`Cause: ${causes}`)
    return 1
  }
}

/** Of this package; its manifest is beside `src` and beside `dist`. */
const version = (): string =>
  JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')).version

function keygen(args: readonly string[], { out }: Output): ExitCode {
  if (args.length > 0) throw new WrongArguments('keygen takes no argument.')
  out(generateEncryptionKey())
  return 0
}

function isOrigin(text: string): boolean {
  const url = URL.canParse(text) ? new URL(text) : null
  return url !== null && /^https?:$/.test(url.protocol) && url.href === `${url.origin}/`
}

async function examine(args: readonly string[], { out }: Output): Promise<ExitCode> {
  const { flags, words } = readFlags(args, { 'base-path': 'string', json: 'boolean' })
  const { 'base-path': basePath = '/bff', json } = flags
  const [origin = '', ...more] = words
  if (!isOrigin(origin) || more.length > 0)
    throw new WrongArguments(
      'Give one origin, such as https://app.example.com, without a path. --base-path names that of the BFF.',
    )
  if (!basePath.startsWith('/')) throw new WrongArguments('--base-path must begin with a slash.')
  const findings = await doctor(origin, basePath)
  if (json) out(jsonText(findings, 2))
  else
    for (const { check, status, message } of findings)
      out(`${MARKS[status]} ${check.padEnd(9)} ${printable(message)}`)
  return findings.some(({ status }) => status === 'failed') ? 1 : 0
}
