import { parseArgs } from 'node:util'
import { RUNTIMES, type Runtime } from './runtimes.ts'

/** The arguments cannot be used as they are; the message says how. */
export class UsageError extends Error {}

const KINDS = ['http', 'store'] as const
export type Kind = (typeof KINDS)[number]

export interface Settings {
  readonly runtimes: readonly Runtime[]
  /** Rows whose name contains this. */
  readonly row: string
  readonly kinds: readonly Kind[]
  readonly fast: boolean
  /** How long an HTTP law waits, in milliseconds. */
  readonly patienceMs: number
}

/** Longer than in the tests, because two programs share the machine. */
const PATIENCE_S = '6'

/** What a fast run proves: the oldest runtime that the tests do not run on, and the one that differs most. */
const FAST = ['Node 26', 'workerd']

export function settingsOf(args: readonly string[]): Settings {
  const { runtime, row = '', kind, fast = false, patience = PATIENCE_S } = valuesOf(args)
  if (!/^[1-9]\d{0,3}$/.test(patience))
    throw new UsageError(`--patience is a number of seconds, not ${patience}. Choose from 1 to 9999.`)
  const kinds = KINDS.filter((each) => kind === undefined || each === kind)
  if (kinds.length === 0) throw new UsageError(`There is no kind ${kind}. Choose from ${KINDS.join(', ')}.`)
  const asked = runtime?.map((name) => name.toLowerCase())
  const runtimes = RUNTIMES.filter(({ name }) =>
    asked === undefined ? !fast || FAST.includes(name) : asked.includes(name.toLowerCase()),
  )
  const unknown = asked?.find((name) => !RUNTIMES.some((each) => each.name.toLowerCase() === name))
  if (unknown !== undefined)
    throw new UsageError(
      `There is no runtime ${unknown}. Choose from ${RUNTIMES.map(({ name }) => `"${name}"`).join(', ')}.`,
    )
  return { runtimes, row, kinds, fast, patienceMs: Number(patience) * 1_000 }
}

function valuesOf(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        runtime: { type: 'string', multiple: true },
        row: { type: 'string' },
        kind: { type: 'string' },
        fast: { type: 'boolean' },
        patience: { type: 'string' },
      },
    }).values
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error))
  }
}
