import { plain } from '../fixtures.ts'

/** One call of a history. `start` and `end` are ticks of one counter, so calls that overlap ran at once. */
export interface Call<Operation> {
  readonly client: number
  readonly operation: Operation
  readonly start: number
  /** `Infinity`: the answer never came. The call may have taken effect at any time since, or never. */
  readonly end: number
  /** Meaningless when `end` is `Infinity`. */
  readonly answer: unknown
}

/** What the thing under test should do if calls came one after the other. */
export interface Model<State, Operation> {
  readonly initial: State
  step(state: State, operation: Operation): { readonly state: State; readonly answer: unknown }
}

export interface Verdict<Operation> {
  readonly linearizable: boolean
  /** The calls in an order that explains their answers; the longest such beginning when there is no whole one. */
  readonly order: readonly Call<Operation>[]
}

/** The order of calls found so far, last call first. */
interface Path {
  readonly index: number
  readonly before: Path | null
  readonly length: number
}

/**
 * Searches an order of the calls that gives the answers they got and in which no call comes before one that had
 * ended when it began (Herlihy and Wing 1990): depth first, as Wing and Gong (1993), never trying a pair of calls
 * done and state reached twice (Lowe 2017).
 *
 * Meant for up to some 50 calls of at most some 8 at once.
 */
export function findOrder<State, Operation>(
  calls: readonly Call<Operation>[],
  model: Model<State, Operation>,
): Verdict<Operation> {
  const steps = new Steps(calls, model)
  const answered = calls.reduce((set, { end }, index) => (end < Infinity ? set | bit(index) : set), 0n)
  const tried = new Set<string>()
  let longest: Path | null = null

  const search = (done: bigint, state: number, path: Path | null): Path | null | undefined => {
    if ((done & answered) === answered) return path
    const key = `${done.toString(36)} ${state}`
    if (tried.has(key)) return undefined
    tried.add(key)
    for (const index of callable(calls, done)) {
      const next = steps.take(state, index)
      if (next === null) continue
      const longer = { index, before: path, length: (path?.length ?? 0) + 1 }
      if (longer.length > (longest?.length ?? 0)) longest = longer
      const found = search(done | bit(index), next, longer)
      if (found !== undefined) return found
    }
    return undefined
  }

  const found = search(0n, 0, null)
  return { linearizable: found !== undefined, order: unwind(calls, found === undefined ? longest : found) }
}

const bit = (index: number): bigint => 1n << BigInt(index)

/** The calls that may come next: begun before any of those left had ended. */
function callable(calls: readonly Call<unknown>[], done: bigint): number[] {
  const left = [...calls.keys()].filter((index) => (done & bit(index)) === 0n)
  const firstEnd = left.reduce((least, index) => Math.min(least, calls[index]?.end ?? Infinity), Infinity)
  return left.filter((index) => (calls[index]?.start ?? Infinity) < firstEnd)
}

function unwind<Operation>(calls: readonly Call<Operation>[], path: Path | null): Call<Operation>[] {
  const order: Call<Operation>[] = []
  for (let at = path; at !== null; at = at.before) {
    const call = calls[at.index]
    if (call !== undefined) order.unshift(call)
  }
  return order
}

/** The model's steps, each taken once; states are numbers from 0, identified by their content. */
class Steps<State, Operation> {
  readonly #calls: readonly Call<Operation>[]
  readonly #answers: readonly string[]
  readonly #model: Model<State, Operation>
  readonly #states: State[] = []
  readonly #numbers = new Map<string, number>()
  readonly #taken = new Map<string, number | null>()

  constructor(calls: readonly Call<Operation>[], model: Model<State, Operation>) {
    this.#calls = calls
    this.#answers = calls.map(({ answer }) => fingerprint(answer))
    this.#model = model
    this.#numberOf(model.initial)
  }

  /** The state a call leads to; `null` when the call could not have got its answer there. */
  take(state: number, index: number): number | null {
    const key = `${state} ${index}`
    let next = this.#taken.get(key)
    if (next === undefined) {
      next = this.#step(state, index)
      this.#taken.set(key, next)
    }
    return next
  }

  #step(number: number, index: number): number | null {
    const call = this.#calls[index]
    const state = this.#states[number]
    if (call === undefined || state === undefined) return null
    const next = this.#model.step(state, call.operation)
    if (call.end < Infinity && fingerprint(next.answer) !== this.#answers[index]) return null
    return this.#numberOf(next.state)
  }

  #numberOf(state: State): number {
    const content = fingerprint(state)
    const known = this.#numbers.get(content)
    if (known !== undefined) return known
    this.#numbers.set(content, this.#states.length)
    return this.#states.push(state) - 1
  }
}

/** Equal for equal plain data, regardless of the order of its keys; bytes count by content. */
export function fingerprint(value: unknown): string {
  return JSON.stringify([plain(value)], (_key, part: unknown) => {
    if (typeof part !== 'object' || part === null || Array.isArray(part)) return part
    return Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
  })
}
