import assert from 'node:assert/strict'
import { inspect } from 'node:util'
import { replay, seeded } from '../seed.ts'
import { type Call, findOrder, type Model } from './linearizable.ts'

/** The answer of a call that nobody knows the outcome of. */
export const UNKNOWN = Symbol('unknown')

export interface History<Operation> {
  readonly seed: number
  readonly clients: number
  /** How many calls each client makes, one after the other. */
  readonly calls: number
  /** Returns the next call of a client, which may use its results so far. */
  choose(random: (below: number) => number, answers: readonly unknown[]): Operation
  /** Makes the call; resolves to `UNKNOWN` when its outcome is not known. */
  perform(operation: Operation): Promise<unknown>
  /** Made when all clients have ended: what is kept in the end must fit, too. */
  readonly last: Operation
  /** Called before each call, with its number from 0. */
  before?(number: number): Promise<void>
}

/** Lets clients call at once, each with a generator of its own, and writes down what they saw. */
export async function record<Operation>(history: History<Operation>): Promise<Call<Operation>[]> {
  const calls: Call<Operation>[] = []
  let tick = 0
  let number = 0
  const call = async (client: number, operation: Operation): Promise<unknown> => {
    const start = tick++
    const answer = await history.perform(operation)
    calls.push({ client, operation, start, end: answer === UNKNOWN ? Infinity : tick++, answer })
    return answer
  }
  const client = async (name: number): Promise<void> => {
    const random = seeded(history.seed * 64 + name)
    const answers: unknown[] = []
    for (let left = history.calls; left > 0; left--) {
      for (let pause = random(4); pause > 0; pause--) await null
      await history.before?.(number++)
      const answer = await call(name, history.choose(random, answers))
      if (answer !== UNKNOWN) answers.push(answer)
    }
  }
  const clients = Array.from({ length: history.clients }, (_, name) => client(name))
  await Promise.allSettled(clients)
  await Promise.all(clients)
  await call(history.clients, history.last)
  return calls.sort((a, b) => a.start - b.start)
}

/** Fails unless one order of the calls explains every answer. */
export function assertLinearizable<State, Operation>(
  calls: readonly Call<Operation>[],
  model: Model<State, Operation>,
  seed: number,
): void {
  const { linearizable, order } = findOrder(calls, model)
  if (linearizable) return
  const explained = new Set(order)
  const lines = calls.map((call) => `${explained.has(call) ? '  ' : '? '}${line(call)}`)
  assert.fail(
    [
      `No order of these calls explains their answers, ${replay(seed)}.`,
      `Each line is one call: its client, when it began and ended, and what it answered.`,
      `The longest order that could be explained leaves out the lines marked with "?".`,
      ...lines,
    ].join('\n'),
  )
}

function line({ client, operation, start, end, answer }: Call<unknown>): string {
  const outcome = end === Infinity ? 'unknown' : brief(answer)
  return `client ${client} [${start}, ${end === Infinity ? '…' : end}] ${brief(operation)} → ${outcome}`
}

function brief(value: unknown): string {
  const text = inspect(value, { depth: 3, breakLength: Infinity, maxArrayLength: 2, maxStringLength: 24 })
  return text.length > 220 ? `${text.slice(0, 220)}…` : text
}
