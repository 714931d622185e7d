/** What a sealed value belongs to. It is authenticated with the value: moved elsewhere, it does not open (CRY-03). */
export interface SealContext {
  /** The immutable id of the record, such as a session handle. */
  readonly recordId: string
  /** The field within the record, such as `accessToken`. */
  readonly field: string
}

/**
 * Seals values at rest. {@link createEncryptor} makes the AES-256-GCM one; bring your own for a KMS or an HSM.
 *
 * Envelope of the default: version (1 byte), key id length (1 byte), key id, nonce (12), ciphertext, tag (16).
 */
export interface Encryptor {
  /** Seals bytes with the newest key. */
  encrypt(plaintext: Uint8Array, context: SealContext): Promise<Uint8Array>
  /**
   * Opens an envelope sealed with any key of the ring.
   *
   * @throws BffError `seal_broken` for a tampered, foreign or truncated envelope; one error for all (CRY-07).
   * `key_unavailable` for the envelope of a key that is not in the ring
   */
  decrypt(envelope: Uint8Array, context: SealContext): Promise<Uint8Array>
  /** As `encrypt`, from text to base64url. */
  encryptString(plaintext: string, context: SealContext): Promise<string>
  /** As `decrypt`, from base64url to text. */
  decryptString(envelope: string, context: SealContext): Promise<string>
  /**
   * A keyed hash of `text`, of at most 64 characters: the same for the same text and key, and nobody without the key
   * can make it. With the newest key, or to compare it with `like`, with the key that one was made with.
   *
   * Every request with a session makes one, so keep it local: derive a key once and use HMAC (RFC 2104).
   *
   * @throws BffError `key_unavailable` when the key of `like` is not at hand, `seal_broken` when `like` is no such hash
   */
  mac(text: string, like?: string): Promise<string>
  /** Whether the envelope was sealed with an older key and should be sealed anew at the next write (CRY-06). */
  needsReseal(envelope: Uint8Array): boolean
}
