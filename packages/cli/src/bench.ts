import { setImmediate as turnOfEventLoop } from 'node:timers/promises'
import { type Bff, createBff, type RequestView, type Session, systemClock } from '@bff/core'
import { readFlags, storeAddress } from './flags.ts'
import { interruptible } from './interrupt.ts'
import { keysOfEnvironment } from './keys.ts'
import { type AppStores, openStore } from './open-store.ts'
import { CommandFailed, type ExitCode, jsonText, type Output, WrongArguments } from './output.ts'

const ORIGIN = 'http://localhost'
const FLAGS = { store: 'string', sessions: 'string', json: 'boolean' } as const

/** How long the calls of one kind took. */
interface Timing {
  readonly operation: string
  readonly calls: number
  /** Milliseconds. */
  readonly p50: number
  readonly p99: number
}

/** What one session goes through, in this order. */
const OPERATIONS = ['create', 'read', 'touch', 'rotate', 'revoke'] as const

/** Measures what the operations on a session cost with the store and the keys of the app, on sessions of its own. */
export async function bench(args: readonly string[], output: Output): Promise<ExitCode> {
  const { flags, words } = readFlags(args, FLAGS)
  if (words.length > 0) throw new WrongArguments(`${words.join(' ')} is too much.`)
  const sessions = Number(flags.sessions ?? 200)
  if (!Number.isSafeInteger(sessions) || sessions < 1 || sessions > 100_000)
    throw new WrongArguments('--sessions must be a whole number from 1 to 100000.')
  const address = storeAddress(flags.store)
  const keys = keysOfEnvironment()
  const stores = await openStore(address)
  try {
    const timings = await interruptible((signal) => measure(stores, keys, sessions, signal))
    if (flags.json) output.out(jsonText(timings, 2))
    else print(timings, output)
    return 0
  } finally {
    await stores.sessions.close()
  }
}

/** One session after the other, so that the times are those of round trips and not of a queue. */
async function measure(
  stores: AppStores,
  keys: readonly string[],
  sessions: number,
  signal: AbortSignal,
): Promise<readonly Timing[]> {
  // Nobody signs in with this name, and its sessions are deleted again.
  const userId = `bff-bench-${crypto.randomUUID()}`
  const bffOf = (touchShare: number) =>
    createBff({
      origin: ORIGIN,
      store: stores,
      encryptionKeys: keys,
      session: { touchShare },
      onEvent: () => {},
    })
  const [reader, toucher] = [bffOf(0.5), bffOf(0)]
  const taken = new Map<string, number[]>(OPERATIONS.map((operation) => [operation, []]))
  try {
    for (let number = 0; number < sessions; number++) {
      // A store in this process answers at once, and signals arrive only between two turns of the event loop.
      await turnOfEventLoop()
      if (signal.aborted) throw new CommandFailed('Stopped before the end. Its sessions are deleted.')
      await live({ reader, toucher, userId, taken })
    }
  } finally {
    await stores.sessions.deleteAll({ userId })
  }
  return [...taken].map(([operation, times]) => {
    times.sort((a, b) => a - b)
    return { operation, calls: times.length, p50: percentile(times, 0.5), p99: percentile(times, 0.99) }
  })
}

interface Life {
  readonly reader: Bff
  /** It writes every use down. */
  readonly toucher: Bff
  readonly userId: string
  readonly taken: ReadonlyMap<string, number[]>
}

async function live({ reader, toucher, userId, taken }: Life): Promise<void> {
  async function timed<Result>(operation: (typeof OPERATIONS)[number], work: () => Promise<Result>) {
    const start = systemClock.monotonic()
    const result = await work()
    taken.get(operation)?.push(systemClock.monotonic() - start)
    return result
  }
  const { session, cookie } = await timed('create', () => reader.sessions.create({ userId }))
  const request = requestWith(cookie)
  await timed('read', async () => found(await reader.getSession(request())))
  const touched = await timed('touch', async () => found(await toucher.getSession(request())))
  await timed('rotate', () => reader.sessions.rotate(touched))
  await timed('revoke', () => reader.sessions.revoke(session.handle))
}

function found(session: Session | null): Session {
  if (session !== null) return session
  throw new CommandFailed(
    'The store does not find a session that it has just stored. Does it read from a replica?',
  )
}

/** Makes requests of a page of the app with this cookie; a BFF reads the session of a request once. */
function requestWith(setCookie: string): () => RequestView {
  const headers = new Map([['cookie', setCookie.slice(0, setCookie.indexOf(';'))]])
  return () => ({
    method: 'GET',
    target: '/',
    remoteAddress: '127.0.0.1',
    header: (name) => headers.get(name),
    headers: () => headers.entries(),
    body: () => undefined,
    signal: new AbortController().signal,
  })
}

/** The smallest of the sorted times that is not below this share of them. */
const percentile = (sorted: readonly number[], share: number): number =>
  sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? 0

function print(timings: readonly Timing[], { out }: Output): void {
  out('           calls    p50 ms    p99 ms')
  for (const { operation, calls, p50, p99 } of timings)
    out(
      `${operation.padEnd(9)} ${String(calls).padStart(6)} ${p50.toFixed(2).padStart(9)} ${p99.toFixed(2).padStart(9)}`,
    )
}
