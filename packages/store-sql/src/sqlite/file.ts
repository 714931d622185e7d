import { closeSync, openSync } from 'node:fs'
import { option, requireOneOf } from '@bff/core/authoring'
import { readStoreOptions, type StoreOptions } from '../store/assemble.ts'

/**
 * While another process writes, a driver within this process blocks it: only for a short time, then the gate waits and
 * tries again.
 */
export const BUSY_TIMEOUT_MS = 100

/** The options of stores in a file. */
export interface FileOptions<Client> extends StoreOptions {
  /** Your own database or client of the driver; the store does not close it. Set either this or `path`. */
  readonly client?: Client
  /** The file. It is created when it does not exist, only its owner can read it, and it is closed with the store. */
  readonly path?: string
  /**
   * `full` survives a power cut. With `normal` a power cut may undo the last writes, including revocations. A killed process
   * loses nothing in both modes. Only for `path`. @default 'full'
   */
  readonly synchronous?: 'full' | 'normal'
}

const FILE = {
  path: option.optional(option.text()),
  synchronous: option.oneOf(['full', 'normal']),
}

/** @throws BffError `invalid_config` for an unknown option, unless exactly one of `client` and `path` is given */
export function requireFileOptions<Client>(options: FileOptions<Client>): FileOptions<Client> {
  readStoreOptions('sqliteStore', options, FILE)
  requireOneOf('sqliteStore', options, ['path', 'client'])
  return options
}

/** What a connection of the store's own runs as it opens. */
export const pragmas = (synchronous: 'full' | 'normal'): readonly string[] => [
  `pragma busy_timeout = ${BUSY_TIMEOUT_MS}`,
  'pragma journal_mode = WAL',
  `pragma synchronous = ${synchronous}`,
  'pragma foreign_keys = ON',
]

/** Creates a file that no other user of the machine can read; SQLite gives its side files the same mode. */
export function createPrivately(path: string): void {
  if (path !== ':memory:' && path !== '') closeSync(openSync(path, 'a', 0o600))
}
