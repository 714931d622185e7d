/**
 * `@bff/core/key-rotation`: seals the sessions of a store again with the newest encryption key, and says when an older key can
 * be removed. `bff rotate` of `@bff/cli` is the same as a command.
 *
 * @module
 */
export { encryptionKeyId } from './key-id.ts'
export { isNewestKeyInUse } from './newest-key-in-use.ts'
export type { KeyReport, OlderKey } from './report.ts'
export { inspectKeys, type ResealOptions, resealSessions } from './reseal-sessions.ts'
