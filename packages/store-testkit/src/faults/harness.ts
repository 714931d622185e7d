import type { OpenStores } from '../harness.ts'

/** The connection under a store: `faultProxy` makes one. */
export interface FaultyConnection {
  /** Cuts every connection and refuses new ones, until `restore`. */
  cut(): Promise<void>
  /**
   * Passes requests to the server, and cuts the connection when it answers: the operation is done, but the store gets no
   * response.
   */
  loseAnswers(): Promise<void>
  /** Cuts each open connection at the server's next response on it; new ones work. */
  blink(): Promise<void>
  /** Holds back everything in both directions, until `restore`: nothing fails, nothing arrives. */
  pause(): Promise<void>
  /** Drops every packet of the open connections, permanently and without an error; new ones work. */
  dropSilently(): Promise<void>
  /** Passes everything on again, first what was held back. */
  restore(): Promise<void>
}

/** The server under a store. */
export interface FaultyServer {
  /** Kills the server with `SIGKILL`, as in a power cut. Resolves when it has stopped. */
  kill(): Promise<void>
  /** Starts it again, on the same address and data. Resolves when it answers. */
  start(): Promise<void>
}

/** Stores whose connection and server the laws may break. */
export interface FaultyStores extends OpenStores {
  readonly connection: FaultyConnection
  readonly server: FaultyServer
}

/** How the laws about faults reach a store with a server behind it. */
export interface FaultHarness {
  /**
   * Fresh, empty stores in the durable mode: the one whose acknowledged writes a killed server still has. Let them give up
   * on an answer after a second or less. `close` releases everything, even if the connection is cut or paused, or the server
   * has stopped.
   */
  open(): Promise<FaultyStores>
}
