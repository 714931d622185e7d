import type { SessionHandle, SessionRecord, Stores } from '@bff/core'
import { chooseSeed } from './seed.ts'

/** Opens the stores under test for the laws. */
export interface StoreHarness {
  /** Fresh, empty stores that nothing else reads or writes; called once per law. */
  open(): Promise<OpenStores>
}

/** Stores under test, with what a test needs besides their contract. */
export interface OpenStores {
  readonly stores: Stores
  /**
   * Another client of the same backend, with connections of its own. The laws call both in turn, so that a lock or a cache
   * within one client does not pass for one of the backend. A store that keeps its data in the client itself leaves it out.
   */
  readonly another?: Stores
  /** Returns the time of the laws, in epoch milliseconds. */
  now(): number
  /** Lets this much time pass for the backend: moves its clock, or shortens the lifetime of its content. */
  advance(ms: number): Promise<void>
  /** Returns a record as the backend holds it, read without the store; `null` when it does not exist. */
  peek(handle: SessionHandle): Promise<SessionRecord | null>
  /** Makes the backend unreachable for these stores. A store without a backend leaves it out: the laws close it instead. */
  breakConnection?(): Promise<void>
  /** Releases everything, in any state of the stores. */
  close(): Promise<void>
}

/** The options of every suite. `Harness` is {@link StoreHarness}, or the larger one of the fault suite. */
export interface LawsOptions<Harness = StoreHarness> {
  /** The test function of your runner, such as that of vitest, Jest or `node:test`: called once per law. */
  readonly test: (name: string, run: () => Promise<void>) => unknown
  readonly harness: Harness
  /**
   * Chooses the calls of the concurrent clients: the same seed gives the same calls. A failure names the seed to set here.
   *
   * @default `BFF_STORE_SEED` of the environment, otherwise a new one for each run
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
        await run(acrossClients(open), seed)
      } finally {
        await open.close()
      }
    })
  }
}

/** The same stores, each call by the other of the two clients. Events are published by one and received by the other. */
function acrossClients<Open extends OpenStores>(open: Open): Open {
  const { stores, another, breakConnection } = open
  if (another === undefined) return open
  const close = async () => {
    await Promise.all([stores.sessions.close(), another.sessions.close()])
  }
  return {
    ...open,
    stores: {
      sessions: inTurn(stores.sessions, another.sessions, { close }),
      ttl: inTurn(stores.ttl, another.ttl),
      events: {
        publish: (topic, event) => another.events.publish(topic, event),
        subscribe: (topic, handler) => stores.events.subscribe(topic, handler),
      },
    },
    ...(breakConnection !== undefined && {
      breakConnection: async () => {
        await Promise.all([breakConnection(), another.sessions.close()])
      },
    }),
  }
}

/** Calls the methods of two objects in turn, no matter which, except those that `both` has. */
function inTurn<Part extends object>(one: Part, other: Part, both: Partial<Part> = {}): Part {
  let calls = 0
  return new Proxy(one, {
    get: (_, name) => {
      if (name in both) return Reflect.get(both, name)
      const chosen = calls++ % 2 === 0 ? one : other
      const member: unknown = Reflect.get(chosen, name)
      return typeof member === 'function' ? member.bind(chosen) : member
    },
  })
}
