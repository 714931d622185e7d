/** A frame of at most this many bytes is passed on as a whole. */
const WHOLE = 65_536

/**
 * Finds where the frames in a stream of bytes end (RFC 6455 §5.2), so that a close frame can be inserted between two of
 * them. It reads only lengths, and ignores content, masks, compression and fragments.
 */
export class WebSocketFrames {
  #held: Uint8Array[] = []
  #heldBytes = 0
  /** Bytes that must be held before it makes sense to look again. */
  #needed = 2
  /** Bytes to come of a frame that has begun to go out. */
  #rest = 0

  /** Whether what went out so far ends with a frame. */
  get between(): boolean {
    return this.#rest === 0
  }

  /** Returns what can be sent after this chunk arrived: whole frames, and parts of frames that are too large to buffer. */
  push(chunk: Uint8Array): Uint8Array {
    this.#held.push(chunk)
    this.#heldBytes += chunk.byteLength
    if (this.#rest === 0 && this.#heldBytes < this.#needed) return chunk.subarray(0, 0)
    const [only] = this.#held
    const bytes = only !== undefined && this.#held.length === 1 ? only : Buffer.concat(this.#held)
    let end = Math.min(this.#rest, bytes.byteLength)
    this.#rest -= end
    this.#needed = 2
    while (this.#rest === 0 && end < bytes.byteLength) {
      const size = frameSize(bytes, end)
      const left = bytes.byteLength - end
      if (size <= left) end += size
      else if (size > WHOLE) {
        this.#rest = size - left
        end = bytes.byteLength
      } else {
        this.#needed = size
        break
      }
    }
    this.#held = end < bytes.byteLength ? [bytes.subarray(end)] : []
    this.#heldBytes = bytes.byteLength - end
    return bytes.subarray(0, end)
  }
}

/** Bytes of the frame that begins at `at`; of its header while that is incomplete. */
function frameSize(bytes: Uint8Array, at: number): number {
  const left = bytes.byteLength - at
  if (left < 2) return 2
  const second = bytes[at + 1] ?? 0
  const short = second & 0x7f
  const lengthBytes = short === 126 ? 2 : short === 127 ? 8 : 0
  const header = 2 + lengthBytes + (second >= 0x80 ? 4 : 0)
  if (left < 2 + lengthBytes) return 2 + lengthBytes
  let length = lengthBytes === 0 ? short : 0
  for (let index = 0; index < lengthBytes; index++) length = length * 256 + (bytes[at + 2 + index] ?? 0)
  return header + length
}

/** A server's close frame (RFC 6455 §5.5.1). The reason has at most 123 bytes. */
export function closeFrame(code: number, reason: string): Uint8Array {
  const text = Buffer.from(reason)
  return Buffer.concat([Uint8Array.of(0x88, 2 + text.byteLength, code >> 8, code & 0xff), text])
}
