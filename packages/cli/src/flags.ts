import { parseArgs } from 'node:util'
import { WrongArguments } from './output.ts'

type Kinds = Readonly<Record<string, 'string' | 'boolean'>>
type Values<K extends Kinds> = {
  readonly [Name in keyof K]?: K[Name] extends 'string' ? string : boolean
}

/**
 * Reads the flags of a command and its other words.
 *
 * @throws WrongArguments for an unknown flag, or one without its value
 */
export function readFlags<const K extends Kinds>(
  args: readonly string[],
  kinds: K,
): { readonly flags: Values<K>; readonly words: readonly string[] } {
  const options = Object.fromEntries(Object.entries(kinds).map(([name, type]) => [name, { type }]))
  const { values, positionals, tokens } = parsed(() =>
    parseArgs({ args: handlesApart(args, kinds), options, allowPositionals: true, tokens: true }),
  )
  const given = new Set<string>()
  for (const token of tokens)
    if (token.kind === 'option') {
      if (given.has(token.name)) throw new WrongArguments(`--${token.name} is given twice.`)
      given.add(token.name)
    }
  return { flags: values as Values<K>, words: positionals }
}

/** The first sentence of `parseArgs` says what is wrong; the next is about arguments that no command here takes. */
function parsed<Result>(parse: () => Result): Result {
  try {
    return parse()
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    throw new WrongArguments(message.replace(/\. To specify a positional argument .*/s, '.'))
  }
}

/** One handle of 64 begins with a dash, which `parseArgs` takes for a flag. */
const DASHED_HANDLE = /^-[\w-]{15}$/

/** Gives each such handle to the flag before it, or puts it behind all flags. */
function handlesApart(args: readonly string[], kinds: Kinds): string[] {
  const flags: string[] = []
  const handles: string[] = []
  for (const arg of args) {
    const before = flags.at(-1) ?? ''
    if (!DASHED_HANDLE.test(arg) || Object.hasOwn(kinds, arg.slice(2))) flags.push(arg)
    else if (before === '--except') flags[flags.length - 1] = `${before}=${arg}`
    else handles.push(arg)
  }
  return handles.length === 0 ? flags : [...flags, '--', ...handles]
}

/**
 * The address of the store: of `--store`, or of the environment, because a process list shows arguments and an address can
 * have a password.
 *
 * @throws WrongArguments without both
 */
export const storeAddress = (flag: string | undefined): string =>
  required(
    flag ?? process.env['BFF_STORE'],
    '--store',
    'Name the store there, or in the environment variable BFF_STORE.',
  )

/** @throws WrongArguments when the flag is missing or empty */
export function required(value: string | undefined, flag: string, remedy?: string): string {
  if (value !== undefined && value.trim() !== '') return value
  const problem = `${flag} is ${value === undefined ? 'missing' : 'empty'}.`
  throw new WrongArguments(remedy === undefined ? problem : `${problem} ${remedy}`)
}
