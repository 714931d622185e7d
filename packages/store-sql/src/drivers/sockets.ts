import { type NetConnectOpts, Socket } from 'node:net'

/** An idle connection is probed after this many milliseconds, so that it is known to be dead before it is needed. */
const KEEP_ALIVE_MS = 10_000

/**
 * A connection that the server ends within this many milliseconds was turned away: it never served. For as long
 * after that, no other is tried.
 */
const TURNED_AWAY_MS = 1_000

/** Calls that begin within this many milliseconds share a look at what the connections had brought. */
const SHARED_LOOK_MS = 50

/** What each connection had brought at a moment. */
type Received = ReadonlyMap<Socket, number>

/**
 * The connections of the store's own pool. A driver keeps using a connection whose packets are lost: TCP gives up only after
 * a quarter of an hour. So when a call got no response, every connection that received nothing since that call began is
 * closed: the connection of the call, and idle ones with the same fault.
 */
export class Sockets {
  readonly #timeoutMs: number
  /** With the moment at which each began, by the monotonic clock. */
  readonly #open = new Map<Socket, number>()
  #turnedAwayAt = -Infinity
  #isSecondLookDue = false
  #lastLook: Received = new Map()
  #lastLookAt = -Infinity

  constructor(timeoutMs: number) {
    this.#timeoutMs = timeoutMs
  }

  /** Connects. It does not keep the process running by itself; a call that is under way does. */
  connect(place: NetConnectOpts): Socket {
    return this.socket().connect(place)
  }

  /** As {@link connect}, for a driver that connects by itself. */
  socket(): Socket {
    const socket = new Socket().setNoDelay(true).setKeepAlive(true, KEEP_ALIVE_MS).unref()
    this.#open.set(socket, performance.now())
    return socket
  }

  /** Connects, but fails with an error while the server turns connections away. */
  connectUnlessTurnedAway(place: NetConnectOpts): Socket {
    this.#prune()
    const socket = this.connect(place)
    if (performance.now() - this.#turnedAwayAt < TURNED_AWAY_MS)
      setImmediate(() => end(socket, 'The server turned a connection away just now.', 'ECONNREFUSED'))
    return socket
  }

  /** Call it as a call begins, and the result when that call got no answer in time. */
  watch(): () => void {
    const before = this.#recentlyReceived()
    return () => {
      endSilent(before)
      this.#lookAgain()
    }
  }

  #recentlyReceived(): Received {
    const now = performance.now()
    if (now - this.#lastLookAt >= SHARED_LOOK_MS) {
      this.#lastLook = this.#received()
      this.#lastLookAt = now
    }
    return this.#lastLook
  }

  /** What was read only after the call began may have come before all was lost. */
  #lookAgain(): void {
    if (this.#isSecondLookDue) return
    this.#isSecondLookDue = true
    const before = this.#received()
    setTimeout(() => {
      this.#isSecondLookDue = false
      endSilent(before)
    }, this.#timeoutMs).unref()
  }

  #received(): Received {
    this.#prune()
    return new Map([...this.#open.keys()].map((socket) => [socket, socket.bytesRead]))
  }

  /** Drivers remove all listeners, so what is gone is found here. */
  #prune(): void {
    for (const [socket, since] of this.#open) {
      if (!socket.destroyed) continue
      this.#open.delete(socket)
      const now = performance.now()
      if (socket.errored === null && now - since < TURNED_AWAY_MS) this.#turnedAwayAt = now
    }
  }
}

function endSilent(before: Received): void {
  for (const [socket, bytesRead] of before)
    if (!socket.destroyed && socket.bytesRead === bytesRead)
      end(socket, 'The connection brought no answer in time.', 'ETIMEDOUT')
}

/** As the system itself would end it: without an error mysql2 would close it once more, which throws over TLS. */
function end(socket: Socket, message: string, code: string): void {
  // With TLS the driver listens to another socket, and hears of it there.
  socket.once('error', () => {})
  socket.destroy(Object.assign(new Error(message), { code }))
}
