/** How to measure, from the environment. */
export interface Settings {
  /** `BENCH_ROUNDS`: each round measures both sides once. @default 12 */
  readonly rounds: number
  /** `BENCH_SECONDS` of load on one side in one round. @default 2 */
  readonly seconds: number
  /** `BENCH_CONNECTIONS`. @default 32 */
  readonly connections: number
  /** `BENCH_PIPELINING`: requests in flight on one connection. @default 1, as browsers do */
  readonly pipelining: number
  /** `BENCH_ONLY`: part of the name of what to measure. @default everything */
  readonly only: string
  /** `BENCH_PROFILE`: a folder to write a CPU profile of our side to. @default none */
  readonly profile: string
}

export function settingsOf(env: Readonly<Record<string, string | undefined>>): Settings {
  const number = (name: string, otherwise: number): number => {
    const value = Number(env[name] ?? otherwise)
    if (!Number.isInteger(value) || value < 1) throw new Error(`${name} must be a whole number from 1.`)
    return value
  }
  return {
    rounds: number('BENCH_ROUNDS', 12),
    seconds: number('BENCH_SECONDS', 2),
    connections: number('BENCH_CONNECTIONS', 32),
    pipelining: number('BENCH_PIPELINING', 1),
    only: env['BENCH_ONLY'] ?? '',
    profile: env['BENCH_PROFILE'] ?? '',
  }
}
