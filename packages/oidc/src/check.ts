import { BffError, type Clock } from '@bff/core'
import type { Fetch } from './transport.ts'

const MAX_TIMEOUT_MS = 30_000

export const invalid = (message: string): BffError => new BffError('invalid_config', message)

export function text(option: string, value: unknown): string {
  if (typeof value !== 'string' || value === '') throw invalid(`${option} must be a non-empty string.`)
  return value
}

export function flag(option: string, value: unknown, fallback: boolean): boolean {
  if (value === undefined) return fallback
  if (typeof value !== 'boolean') throw invalid(`${option} must be true or false.`)
  return value
}

export function oneOf<Value extends string>(
  option: string,
  value: Value | undefined,
  allowed: readonly Value[],
  fallback: Value,
): Value {
  if (value === undefined) return fallback
  if (!allowed.includes(value)) throw invalid(`${option} must be one of: ${allowed.join(', ')}.`)
  return value
}

export function timeout(value: unknown): number {
  return milliseconds('timeoutMs', value, 10_000, 1, MAX_TIMEOUT_MS)
}

export function milliseconds(
  option: string,
  value: unknown,
  fallback: number,
  min: number,
  max: number,
): number {
  if (value === undefined) return fallback
  if (typeof value !== 'number' || !(value >= min && value <= max)) {
    throw invalid(`${option} must be a number of milliseconds from ${min} to ${max}.`)
  }
  return value
}

export function clockOf(clock: Clock | undefined, fallback: Clock): Clock {
  if (clock === undefined) return fallback
  const isClock = [clock.now, clock.monotonic, clock.sleep].every((method) => typeof method === 'function')
  if (!isClock) throw invalid('clock must have now(), monotonic() and sleep().')
  return clock
}

export function fetchOf(value: Fetch | undefined): Fetch {
  if (value === undefined) return (url, init) => globalThis.fetch(url, init)
  if (typeof value !== 'function') throw invalid('fetch must be a function.')
  return value
}

/** Returns an absolute https URL; plain http is accepted only for this machine, or when the option `exemption` allows it. */
export function secureUrl(
  option: string,
  value: unknown,
  isInsecureAllowed: boolean,
  exemption: string,
): URL {
  const url = parseUrl(text(option, value))
  if (url === null || (url.protocol !== 'https:' && url.protocol !== 'http:')) {
    throw invalid(`${option} must be an absolute URL such as https://id.example.com.`)
  }
  if (url.username !== '' || url.password !== '' || url.hash !== '') {
    throw invalid(`${option} must be a URL without user and fragment.`)
  }
  if (url.protocol === 'http:' && !isLoopback(url) && !isInsecureAllowed) {
    throw invalid(`${option} must use https; plain http is only for this machine, or with ${exemption}.`)
  }
  return url
}

export function parseUrl(value: string): URL | null {
  return URL.canParse(value) ? new URL(value) : null
}

function isLoopback({ hostname }: URL): boolean {
  return hostname === 'localhost' || hostname === '127.0.0.1' || hostname === '[::1]'
}
