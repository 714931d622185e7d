import type { SessionHandle, SessionRecord, Stores } from '@bff/core'
import { chooseSeed } from './seed.ts'

/** How the laws reach the stores under test. */
export interface StoreHarness {
  /** Fresh, empty stores that nothing else reads or writes; called once per law. */
  open(): Promise<OpenStores>
}

/** Stores under test, with what a test needs to know and do behind their back. */
export interface OpenStores {
  readonly stores: Stores
  /** The time the laws go by, in epoch milliseconds. */
  now(): number
  /** Lets that much time pass for the backend: moves its clock, or shortens the lives of what it holds. */
  advance(ms: number): Promise<void>
  /** A record as the backend holds it, read behind the adapter's back; `null` when there is none. */
  peek(handle: SessionHandle): Promise<SessionRecord | null>
  /** Makes the backend unreachable for these stores. Without a backend leave it out: closing stands in. */
  breakConnection?(): Promise<void>
  /** Frees everything, whatever state the stores are in. */
  close(): Promise<void>
}

/** What every suite takes. `Harness` is {@link StoreHarness}, or what the fault suite asks for beyond it. */
export interface LawsOptions<Harness = StoreHarness> {
  /** The test function of your runner, such as that of vitest, Jest or `node:test`: called once per law. */
  readonly test: (name: string, run: () => Promise<void>) => unknown
  readonly harness: Harness
  /**
   * Chooses what the concurrent callers do; the same seed, the same calls. A failure names the seed to give here.
   *
   * @default the environment's `BFF_STORE_SEED`, or else another one each time
   */
  readonly seed?: number
}

/** Registers one law. */
export type Law<Open = OpenStores> = (name: string, run: (open: Open, seed: number) => Promise<void>) => void

/** Registers laws that each get fresh stores, closed afterwards. */
export function lawsOf<Open extends OpenStores>({
  test,
  harness,
  seed = chooseSeed(),
}: LawsOptions<{ open(): Promise<Open> }>): Law<Open> {
  return (name, run) => {
    test(name, async () => {
      const open = await harness.open()
      try {
        await run(open, seed)
      } finally {
        await open.close()
      }
    })
  }
}
