import { describe, expect, it } from 'vitest'
import { closeFrame, WebSocketFrames } from '../src/web-socket-frames.ts'

/** A frame as a server sends it, or masked as a client does. */
function frame(size: number, masked = false): Buffer {
  const mask = masked ? 0x80 : 0
  const length =
    size < 126
      ? Buffer.of(0x82, mask | size)
      : size < 65_536
        ? Buffer.of(0x82, mask | 126, size >> 8, size & 0xff)
        : Buffer.concat([Buffer.of(0x82, mask | 127), lengthOf64(size)])
  return Buffer.concat([
    length,
    masked ? Buffer.of(1, 2, 3, 4) : Buffer.of(),
    Buffer.alloc(size, size & 0xff),
  ])
}

function lengthOf64(size: number): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64BE(BigInt(size))
  return bytes
}

/** The same numbers on every run. */
function numbers(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

const SIZES = [0, 1, 125, 126, 127, 200, 4_000, 65_535, 65_536, 70_000, 200_000]

describe('WebSocketFrames', () => {
  it.each([1, 2, 3, 4, 5, 6, 7, 8])('passes every byte on and knows each frame’s end (seed %i)', (seed) => {
    const random = numbers(seed)
    const sent = Array.from({ length: 60 }, () => frame(SIZES[random(SIZES.length)] ?? 0, random(2) === 1))
    const all = Buffer.concat(sent)
    const ends = new Set([0])
    let end = 0
    for (const one of sent) {
      end += one.byteLength
      ends.add(end)
    }

    const frames = new WebSocketFrames()
    const out: Uint8Array[] = []
    let gone = 0
    for (let at = 0; at < all.byteLength; ) {
      const size = 1 + random(random(3) === 0 ? 5 : 80_000)
      const ready = frames.push(all.subarray(at, at + size))
      at += size
      out.push(ready)
      gone += ready.byteLength
      expect(frames.between).toBe(ends.has(gone))
      expect(Math.min(at, all.byteLength) - gone).toBeLessThanOrEqual(65_536)
    }
    expect(Buffer.concat(out).equals(all)).toBe(true)
  })

  it('holds a small frame back until it is whole, and lets a large one through', () => {
    const frames = new WebSocketFrames()
    const small = frame(100)
    expect(frames.push(small.subarray(0, 50)).byteLength).toBe(0)
    expect([frames.push(small.subarray(50)).byteLength, frames.between]).toEqual([102, true])
    const large = frame(100_000)
    expect([frames.push(large.subarray(0, 5_000)).byteLength, frames.between]).toEqual([5_000, false])
    expect([frames.push(large.subarray(5_000)).byteLength, frames.between]).toEqual([
      large.byteLength - 5_000,
      true,
    ])
  })

  it('takes a small frame byte by byte without copying it over and over', () => {
    const frames = new WebSocketFrames()
    const one = frame(60_000)
    let gone = 0
    for (const byte of one) gone += frames.push(Uint8Array.of(byte)).byteLength
    expect(gone).toBe(one.byteLength)
  })
})

it('closeFrame says code and reason', () => {
  expect(Buffer.from(closeFrame(4401, 'gone')).toString('hex')).toBe(
    `8806${(4401).toString(16)}${Buffer.from('gone').toString('hex')}`,
  )
})
