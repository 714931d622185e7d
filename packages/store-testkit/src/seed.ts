import { randomInt } from 'node:crypto'
import { env } from 'node:process'

const VARIABLE = 'BFF_STORE_SEED'

/** The seed of this run: what the environment says, or else a new one. */
export function chooseSeed(): number {
  const given = env[VARIABLE]
  if (given === undefined || given === '') return randomInt(1, 2 ** 31)
  if (/^\d{1,10}$/.test(given)) return Number(given)
  throw new TypeError(`${VARIABLE} must be a whole number, as a failed law prints it.`)
}

/** This many seeds: the first is `seed` itself, so that replaying a later one begins with it. */
export function seedsFrom(seed: number, length: number): number[] {
  return Array.from({ length }, (_, index) => seed + index)
}

/** How to run a failure again, for its message. */
export function replay(seed: number): string {
  return `seed ${seed} (again: ${VARIABLE}=${seed}, or the option seed: ${seed})`
}

/** A small seeded generator (an LCG with output mixing), so that a failing history can be run again. */
export function seeded(seed: number): (below: number) => number {
  let state = Math.imul(seed, 0x9e37_79b1) >>> 0
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    const mixed = Math.imul(state ^ (state >>> 15), 0x2c1b_3c6d) >>> 0
    return Math.floor((mixed / 2 ** 32) * below)
  }
}
