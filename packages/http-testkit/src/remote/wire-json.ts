import { BffError, isBffError } from '@bff/core'

/** JSON that also carries bytes and numbers without an end, with no module of any runtime. */
export function encode(value: unknown): string {
  return JSON.stringify(value, (_name, part: unknown) => {
    if (part instanceof Uint8Array) return { $bytes: [...part] }
    return typeof part === 'number' && !Number.isFinite(part) ? { $number: String(part) } : part
  })
}

export function decode<T>(text: string): T {
  return JSON.parse(text, (_name, part) => {
    if (part?.$bytes !== undefined) return Uint8Array.from(part.$bytes)
    return part?.$number === undefined ? part : Number(part.$number)
  })
}

/** Runs a call and puts its outcome, errors of the BFF included, into a response. */
export async function outcomeOf(call: () => Promise<unknown>): Promise<string> {
  try {
    const value = await call()
    return encode(value === undefined ? {} : { value })
  } catch (error) {
    return encode({ refused: isBffError(error) ? [error.code, error.message] : [null, String(error)] })
  }
}

/** Sends a call to the other side, and makes its outcome one of this side. */
export async function ask<T>(url: string | URL, call: unknown, signal?: AbortSignal): Promise<T> {
  const response = await fetch(url, { method: 'POST', body: encode(call), ...(signal && { signal }) })
  const { value, refused } = decode<{
    value?: T
    refused?: [code: ConstructorParameters<typeof BffError>[0] | null, message: string]
  }>(await response.text())
  if (refused === undefined) return value as T
  const [code, message] = refused
  throw code === null ? new Error(message) : new BffError(code, message)
}
