import type { OpenStores } from '../harness.ts'

/** The connection under a store: `faultProxy` makes one. */
export interface FaultyConnection {
  /** Cuts every connection and refuses new ones, until `restore`. */
  cut(): Promise<void>
  /** Lets what is sent reach the server, and cuts when it answers: what was asked is done, and nobody is told. */
  loseAnswers(): Promise<void>
  /** Cuts each connection there is when the server next answers on it; new ones work. */
  blink(): Promise<void>
  /** Holds back everything in both directions, until `restore`: nothing fails, nothing arrives. */
  pause(): Promise<void>
  /** Loses every packet of the connections there are, for good and without a word; new ones work. */
  dropSilently(): Promise<void>
  /** Lets everything through again, what was held back first. */
  restore(): Promise<void>
}

/** The server under a store. */
export interface FaultyServer {
  /** Ends the server as a power cut would: `SIGKILL`. Resolves when it is gone. */
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
   * Fresh, empty stores in the durable mode: the one whose acknowledged writes a killed server still has. Let them
   * give up on an answer after a second or less. `close` frees everything, whatever is cut, paused or ended.
   */
  open(): Promise<FaultyStores>
}
