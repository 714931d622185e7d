import { parseArgs } from 'node:util'

/** How to measure, from the command line. */
export interface Settings {
  /** Each round measures every server once. */
  readonly rounds: number
  /** Requests to one server in one round; fewer where a request moves many bytes. */
  readonly requests: number
  /** Requests to each server before the first round. */
  readonly warmUp: number
  /** A scenario moves no more than this in one round, in bytes, beside a floor of requests. */
  readonly roundBytes: number
  readonly connections: number
  /** Whether rough figures within three minutes are enough. */
  readonly isQuick: boolean
  /** Part of the name of what to measure; empty for everything. */
  readonly only: string
  /** Part of the names of the servers to measure beside the base; empty for all. */
  readonly servers: string
  /** Numbers of sessions for `growth`; empty for those of the mode. */
  readonly sizes: readonly number[]
  /** Another checkout of this repository, whose packages are measured too; empty for none. */
  readonly beside: string
  /** A folder to write CPU profiles of the servers to; empty for none. */
  readonly profile: string
  /** The folder for the results. */
  readonly out: string
}

/** Fewer leave code that is not compiled yet. */
const WARM_UP_REQUESTS = 4_000

const OPTIONS = {
  quick: { type: 'boolean', default: false },
  rounds: { type: 'string' },
  requests: { type: 'string' },
  connections: { type: 'string', default: '32' },
  only: { type: 'string', default: '' },
  servers: { type: 'string', default: '' },
  sizes: { type: 'string', default: '' },
  beside: { type: 'string', default: '' },
  profile: { type: 'string', default: '' },
  out: { type: 'string', default: 'bench-results' },
} as const

/** @throws Error for an unknown option, and for a number that measures nothing */
export function settingsOf(args: readonly string[]): Settings {
  const { values } = parseArgs({ args: [...args], options: OPTIONS })
  const { quick, connections, only, servers, sizes, beside, profile, out } = values
  const { rounds = quick ? '3' : '12', requests = quick ? '500' : '10000' } = values
  for (const [name, value] of Object.entries({ rounds, requests, connections }))
    if (!/^[1-9]\d*$/.test(value)) throw new Error(`--${name} must be a whole number from 1.`)
  return {
    rounds: Number(rounds),
    requests: Number(requests),
    connections: Number(connections),
    warmUp: quick ? 500 : WARM_UP_REQUESTS,
    roundBytes: quick ? 128e6 : 300e6,
    isQuick: quick,
    only,
    servers,
    sizes: sizes === '' ? [] : sizes.split(',').map(sizeOf),
    beside,
    profile,
    out,
  }
}

/** Whether `part` is part of a name, in upper or lower case. */
export const isNamed = (name: string, part: string) => name.toLowerCase().includes(part.toLowerCase())

/** Ten sessions for each user. */
function sizeOf(text: string): number {
  if (!/^[1-9]\d*0$/.test(text)) throw new Error('--sizes must be multiples of 10, separated by commas.')
  return Number(text)
}
