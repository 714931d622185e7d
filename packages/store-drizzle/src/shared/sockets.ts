import { connect, type NetConnectOpts, type Socket } from 'node:net'

/** An idle connection is probed after this many milliseconds, so that it is known to be dead before it is needed. */
const KEEP_ALIVE_MS = 10_000

/** What each connection had brought at a moment. */
type Received = ReadonlyMap<Socket, number>

/**
 * The connections of a pool of the store's own. A driver goes on using a connection whose packets are lost on the way:
 * TCP gives it up only after a quarter of an hour. So once a call got no answer, whatever brought nothing since that
 * call began is ended: the connection it was sent on, and idle ones that may have died as it did.
 */
export class Sockets {
  readonly #timeoutMs: number
  readonly #open = new Set<Socket>()
  #isSecondLookDue = false

  constructor(timeoutMs: number) {
    this.#timeoutMs = timeoutMs
  }

  /** Connects. It does not keep the process running by itself; a call that is under way does. */
  connect(place: NetConnectOpts): Socket {
    const socket = connect(place).setNoDelay(true).setKeepAlive(true, KEEP_ALIVE_MS).unref()
    this.#open.add(socket)
    return socket
  }

  /** Call it as a call begins, and the result when that call got no answer in time. */
  watch(): () => void {
    const before = this.#received()
    return () => {
      endSilent(before)
      this.#lookAgain()
    }
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
    const received = new Map<Socket, number>()
    for (const socket of this.#open) {
      // Drivers remove all listeners, so what is gone is found here.
      if (socket.destroyed) this.#open.delete(socket)
      else received.set(socket, socket.bytesRead)
    }
    return received
  }
}

function endSilent(before: Received): void {
  for (const [socket, bytesRead] of before) if (socket.bytesRead === bytesRead) end(socket)
}

/** As the system itself would end it: without an error mysql2 would close it once more, which throws over TLS. */
function end(socket: Socket): void {
  // With TLS the driver listens to another socket, and hears of it there.
  socket.once('error', () => {})
  socket.destroy(Object.assign(new Error('The connection brought no answer in time.'), { code: 'ETIMEDOUT' }))
}
