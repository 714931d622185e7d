import type { EventEmitter } from 'node:events'

/**
 * Lets the connections of a pool of node-postgres break without an end of the process.
 *
 * The pool hears the errors of a connection only while nobody has it, and `connect()` hands it out a moment before its
 * caller can listen. A query under way fails with the same error.
 */
export function hearPoolErrors(pool: Pick<EventEmitter, 'on' | 'off'>): void {
  // Once for a pool, however many stores share it.
  pool.off('acquire', hearErrors).on('acquire', hearErrors)
}

function hearErrors(client: EventEmitter): void {
  client.off('error', heard).on('error', heard)
}

function heard(): void {}
