import { RpcTarget } from 'cloudflare:workers'
import { BffError, type Clock, isBffError, type Stores } from '@bff/core'
import { inProcessEventBus } from '@bff/core/store'
import { manualClock } from '@bff/test-support/clock'

type Part = 'sessions' | 'ttl'

type Answer =
  | { readonly value: unknown }
  | { readonly code: string; readonly message: string; readonly cause: unknown }

/** Stores of this isolate, for the laws in another: neither a lock nor a cache of a module reaches from one to the other. */
export class ServedStores extends RpcTarget {
  readonly #clock = manualClock()
  readonly #stores: Stores

  constructor(open: (clock: Clock) => Stores) {
    super()
    this.#stores = open(this.#clock)
  }

  /** Of an error only the message crosses by itself. */
  async call(at: number, part: Part, method: string, args: readonly unknown[]): Promise<Answer> {
    this.#clock.jump(at - this.#clock.now())
    const target = this.#stores[part]
    try {
      return { value: await Reflect.apply(Reflect.get(target, method), target, args) }
    } catch (error) {
      if (!isBffError(error)) throw error
      const { code, message, cause } = error
      return { code, message, cause }
    }
  }

  /** A BFF attaches its clock, which is `ahead` of that of the machine. */
  attach(part: Part, ahead: number): void {
    const clock: Clock = { ...manualClock(), now: () => Date.now() + ahead, monotonic: () => ahead }
    this.#stores[part].attach?.({ clock, emit: () => {} })
  }
}

/** The stores that another isolate serves, at the time of `clock`. */
export function storesElsewhere(served: Pick<ServedStores, 'call' | 'attach'>, clock: Clock): Stores {
  const partOf = (part: Part) => {
    const attach = (host: { clock: Clock }) => served.attach(part, host.clock.now() - Date.now())
    const call =
      (method: string) =>
      async (...args: unknown[]) => {
        const answer = await served.call(clock.now(), part, method, args)
        if ('value' in answer) return answer.value
        throw new BffError(answer.code as 'store_unavailable', answer.message, { cause: answer.cause })
      }
    return new Proxy({}, { get: (_, method) => (method === 'attach' ? attach : call(String(method))) })
  }
  return {
    sessions: partOf('sessions') as Stores['sessions'],
    ttl: partOf('ttl') as Stores['ttl'],
    events: inProcessEventBus(),
  }
}
