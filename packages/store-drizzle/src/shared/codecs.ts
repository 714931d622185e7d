/** A session's metadata in its column. */
export type Json = Readonly<Record<string, unknown>>

/** Returns a Buffer, which drivers accept as bytes, over the same memory. */
export function toBuffer(bytes: Uint8Array): Buffer {
  // drizzle hands nulls of prepared statements to the codec.
  return bytes === null ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

/** Plain bytes: a Buffer's `slice` and `toJSON` differ from those of a Uint8Array. */
export function toBytes(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
