import type { BffError } from '@bff/core'
import { invalidOptions, type OptionRule, option } from '@bff/core/authoring'
import { SIGNING_ALGORITHMS, type SigningAlgorithm } from './signing-algorithms.ts'

/** Makes the error of a wrong option; the sentence begins with its name. */
export type Invalid = (sentence: string) => BffError

/** @param of the function whose options they are */
export const invalidIn =
  (of: string): Invalid =>
  (sentence) =>
    invalidOptions(of, sentence)

export const timeoutMs = option.number(10_000, 1, 30_000)

/** API identifiers of RFC 8707 §2: absolute URIs without a fragment. */
export const resources: OptionRule<readonly string[]> = (value, invalid) => {
  const all: readonly unknown[] = value === undefined ? [] : Array.isArray(value) ? value : [value]
  const isResource = (one: unknown): one is string =>
    typeof one === 'string' && URL.canParse(one) && !one.includes('#')
  if (all.every(isResource)) return all
  throw invalid('must be an absolute URI without a fragment (RFC 8707)')
}

export const algorithms: OptionRule<readonly SigningAlgorithm[]> = (value, invalid) => {
  if (value === undefined) return ['RS256', 'ES256']
  const all: readonly unknown[] = Array.isArray(value) ? value : []
  const known: readonly unknown[] = SIGNING_ALGORITHMS
  const isKnown = (one: unknown): one is SigningAlgorithm => known.includes(one)
  if (all.length > 0 && all.every(isKnown)) return all
  throw invalid(`must name one or more of: ${known.join(', ')}`)
}

/** Returns an absolute https URL; plain http is accepted only for this machine, or when the option `exemption` allows it. */
export function secureUrl(
  name: string,
  value: string,
  isInsecureAllowed: boolean,
  exemption: string,
  invalid: Invalid,
): URL {
  const url = parseUrl(value)
  if (url === null || (url.protocol !== 'https:' && url.protocol !== 'http:'))
    throw invalid(`${name} must be an absolute URL such as https://id.example.com`)
  if (url.username !== '' || url.password !== '' || url.hash !== '')
    throw invalid(`${name} must be a URL without user and fragment`)
  if (url.protocol === 'http:' && !isLoopback(url) && !isInsecureAllowed)
    throw invalid(`${name} must use https; plain http is only for this machine, or with ${exemption}`)
  return url
}

export function parseUrl(value: string): URL | null {
  return URL.canParse(value) ? new URL(value) : null
}

function isLoopback({ hostname }: URL): boolean {
  return hostname === 'localhost' || hostname === '127.0.0.1' || hostname === '[::1]'
}
