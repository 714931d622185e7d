import type { SqlValue } from '../port.ts'

/** How a type of column is written and read. `null` stays `null`, and every type without a codec is itself. */
export interface Codec {
  encode(value: never): SqlValue
  decode(value: never): unknown
}

/** The types of columns. */
export type ColumnType = 'text' | 'integer' | 'time' | 'sealed' | 'json'

/** The codecs of an engine. */
export type Codecs = Readonly<Partial<Record<ColumnType, Codec>>>

/** Drivers may return integers as a bigint or as text. */
export const numbers: Codec = {
  encode: (value: number) => value,
  decode: (value: number | bigint | string) => Number(value),
}

export const sealed: Codec = {
  // A Buffer, which every driver takes for bytes, over the same memory.
  encode: (bytes: Uint8Array) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength),
  /** All sealed fields of a row, one after the other. */
  decode: (value: Uint8Array | ArrayBuffer | readonly number[]) =>
    ArrayBuffer.isView(value) ? value : new Uint8Array(value),
}

/** Some drivers parse JSON themselves. */
export const json: Codec = {
  encode: (value: object) => JSON.stringify(value),
  decode: (value: string | object) => (typeof value === 'string' ? JSON.parse(value) : value),
}

export function encode(codecs: Codecs, type: ColumnType, value: unknown): SqlValue {
  const codec = codecs[type]
  return value === null || codec === undefined ? (value as SqlValue) : codec.encode(value as never)
}

export function decoder(codecs: Codecs, type: ColumnType): (value: unknown) => unknown {
  const codec = codecs[type]
  if (codec === undefined) return (value) => value
  return (value) => (value === null ? null : codec.decode(value as never))
}
