import type { SessionHandle, SessionRecord, Stores } from '@bff/core'

/** How the laws reach the stores under test. */
export interface StoreHarness {
  /** Fresh, empty stores; called once per law. */
  open(): Promise<OpenStores>
}

export interface OpenStores {
  readonly stores: Stores
  /** The backend's time, in epoch milliseconds. */
  now(): number
  /** Lets that much time pass for the backend. */
  advance(ms: number): Promise<void>
  /** A record as the backend holds it, read behind the adapter's back. */
  peek(handle: SessionHandle): Promise<SessionRecord | null>
  /** Makes the backend unreachable. Without it, closing stands in for the fault. */
  breakConnection?(): Promise<void>
  /** Frees everything, whatever state the stores are in. */
  close(): Promise<void>
}

export interface LawsOptions {
  /** The test function of your runner: one call per law. */
  readonly test: (name: string, run: () => Promise<void>) => void
  readonly harness: StoreHarness
}

export type Law = (name: string, run: (open: OpenStores) => Promise<void>) => void

/** Registers laws that each get fresh stores, closed afterwards. */
export function lawsOf({ test, harness }: LawsOptions): Law {
  return (name, run) =>
    test(name, async () => {
      const open = await harness.open()
      try {
        await run(open)
      } finally {
        await open.close()
      }
    })
}
