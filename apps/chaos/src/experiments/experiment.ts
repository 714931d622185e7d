import type { Load, Profile } from '../load/load.ts'
import type { Random } from '../random.ts'
import type { StoreName } from '../world/store.ts'
import type { World, WorldOptions } from '../world/world.ts'

export interface Programs {
  readonly current: string
  readonly earlier: string
}

/** What an experiment works with. */
export interface Scene {
  readonly world: World
  readonly load: Load
  readonly random: Random
  /** How long to go on breaking things, in milliseconds. */
  readonly durationMs: number
  /** The programs of the BFF processes: this version's, and that of `--earlier` (this one's too, without). */
  readonly programs: Programs
  /** Whether that time is not over. */
  readonly goesOn: () => boolean
  readonly pause: (ms: number) => Promise<void>
  /** Says that something went wrong that no session's history shows. */
  readonly report: (invariant: string, sentence: string) => void
}

/** Proof that the faults met something: each number must be above zero, or the run proves nothing. */
export type Reached = Readonly<Record<string, number>>

export interface Experiment {
  readonly name: string
  /** What is broken, in a sentence. */
  readonly about: string
  readonly stores: readonly [StoreName, ...StoreName[]]
  /** Whether it runs an earlier version beside this one (`--earlier`). @default false */
  readonly needsEarlier?: true
  readonly world?: WorldOptions
  readonly profile?: Partial<Profile>
  /** How many sessions the fault itself may cost; more are violations. @default none */
  readonly allowedLosses?: (scene: Scene) => number
  /** How often the provider may see a refresh token twice. @default never */
  readonly allowedReuse?: (scene: Scene) => number
  /** Breaks things for the scene's time, and mends them. */
  run(scene: Scene): Promise<Reached>
}
