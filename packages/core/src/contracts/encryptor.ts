import type { Attachable } from './attachable.ts'

/**
 * The record and field of a sealed value. They are authenticated with the value: it does not open in another place (CRY-03).
 */
export interface SealContext {
  /** The immutable id of the record, such as a session handle. */
  readonly recordId: string
  /** The field within the record, such as `accessToken`. */
  readonly field: string
}

/**
 * Seals values at rest. {@link createEncryptor} makes one with AES-256-GCM; implement your own for a KMS or an HSM.
 *
 * Envelope of the default: version (1 byte), key id length (1 byte), key id, nonce (12), ciphertext, tag (16).
 */
export interface Encryptor extends Attachable {
  /** Seals bytes with the newest key. */
  encrypt(plaintext: Uint8Array, context: SealContext): Promise<Uint8Array>
  /**
   * Opens an envelope sealed with any key of the ring.
   *
   * @throws BffError `seal_broken` for a tampered, foreign or truncated envelope, always the same error (CRY-07);
   * `key_unavailable` when the envelope's key is not in the key ring
   */
  decrypt(envelope: Uint8Array, context: SealContext): Promise<Uint8Array>
  /** As `encrypt`, from text to base64url. */
  encryptString(plaintext: string, context: SealContext): Promise<string>
  /** As `decrypt`, from base64url to text. */
  decryptString(envelope: string, context: SealContext): Promise<string>
  /**
   * Returns a keyed hash of `text`, of at most 64 characters. The same text and key give the same hash, and the key is
   * needed to compute it. It uses the newest key, or the key of `like`, to compare with that hash.
   *
   * Every request with a session computes one, so do it in this process: derive a key once and use HMAC (RFC 2104).
   *
   * @throws BffError `key_unavailable` when the key of `like` is not in the key ring, `seal_broken` when `like` is not such
   * a hash
   */
  mac(text: string, like?: string): Promise<string>
  /** Returns whether the envelope was sealed with an older key, so that the next write must reseal it (CRY-06). */
  needsReseal(envelope: Uint8Array): boolean
}
