import type { Encryptor } from '../../src/index.ts'

/** The first byte of what this seals; that of the default is 1. */
const MARK = 7

/** An app's own sealing, of which a store's bytes show that it was used. No secret is safe with it. */
export const markedEncryptor: Encryptor = {
  encrypt: async (plaintext) => new Uint8Array([MARK, ...plaintext]),
  decrypt: async (envelope) => envelope.slice(1),
  encryptString: async (plaintext) => Buffer.from(plaintext).toString('base64url'),
  decryptString: async (envelope) => Buffer.from(envelope, 'base64url').toString(),
  mac: async (text) => `marked:${text.slice(16, 43)}`,
  needsReseal: () => false,
}
