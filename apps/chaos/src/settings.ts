import { randomInt } from 'node:crypto'
import { parseArgs } from 'node:util'
import type { Experiment } from './experiments/experiment.ts'
import { EXPERIMENTS } from './experiments/index.ts'
import { STORES, type StoreName } from './world/store.ts'

/** What the command line asks for. */
export interface Settings {
  readonly experiments: readonly Experiment[]
  /** `null`: each experiment's own. */
  readonly store: StoreName | null
  readonly durationMs: number
  readonly seed: number
  readonly people: number
  /** A program of BFF processes that was built before, to compare versions; `null`: this one. */
  readonly program: string | null
  /** The program of an earlier version, which experiments run beside this one; `null`: they are left out. */
  readonly earlier: string | null
}

/** A mistake on the command line; the message says what to do. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

/** @throws UsageError */
export function settingsOf(args: readonly string[]): Settings {
  const values = parse(args)
  const {
    only,
    store,
    minutes = '1',
    people = '10',
    seed = String(randomInt(1, 2 ** 31)),
    earlier = null,
  } = values
  const experiments = EXPERIMENTS.filter(({ name, needsEarlier }) =>
    only === undefined ? !needsEarlier || earlier !== null : name === only,
  )
  if (experiments.length === 0)
    throw new UsageError(`--only must be one of: ${EXPERIMENTS.map(({ name }) => name).join(', ')}.`)
  if (earlier === null && experiments.every(({ needsEarlier }) => needsEarlier))
    throw new UsageError(
      `${only} needs --earlier, the path of a dist/serve.js that an earlier version built.`,
    )
  const found = STORES.find((name) => name === store)
  if (store !== undefined && found === undefined)
    throw new UsageError(`--store must be one of: ${STORES.join(', ')}.`)
  const runnable = experiments.filter(({ stores }) => found === undefined || stores.includes(found))
  if (runnable.length === 0)
    throw new UsageError(`${only} runs on ${experiments.flatMap(({ stores }) => stores).join(', ')} only.`)
  return {
    experiments: runnable,
    store: found ?? null,
    durationMs: numberOf('--minutes', minutes, 0.01) * 60_000,
    seed: Math.floor(numberOf('--seed', seed, 1)),
    people: Math.floor(numberOf('--people', people, 1)),
    program: values.program ?? null,
    earlier,
  }
}

function parse(args: readonly string[]) {
  const text = { type: 'string' } as const
  try {
    const options = {
      only: text,
      store: text,
      minutes: text,
      seed: text,
      people: text,
      program: text,
      earlier: text,
    }
    return parseArgs({ args: [...args], options }).values
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error))
  }
}

function numberOf(name: string, text: string, least: number): number {
  const value = Number(text)
  if (!Number.isFinite(value) || value < least)
    throw new UsageError(`${name} must be a number from ${least}.`)
  return value
}
