import { type Address, parseNode } from '../internal/address.ts'

/** The most characters read of a header, from its right end, which the nearest proxies wrote (CIP-09). */
const MAX_CHARS = 2_048
const MAX_HOPS = 32

/**
 * Yields the addresses in a forwarding header, nearest first. `null` means that an entry is not an address, or that the
 * limit is reached: no trusted proxy wrote the entries to the left of it (CIP-03, CIP-04).
 */
export function* hopsOf(header: string, value: string): Generator<Address | null> {
  if (header === 'x-forwarded-for')
    for (const entry of entries(value, false)) yield entry === null ? null : parseNode(entry)
  else if (header === 'forwarded')
    for (const entry of entries(value, true)) yield entry === null ? null : forwardedFor(entry)
  else yield parseNode(trimmed(value))
}

/** The entries of a list from its right end, which the sender of its left end cannot reach. */
function* entries(value: string, quotes: boolean): Generator<string | null> {
  const text = value.slice(-MAX_CHARS)
  let end = text.length
  let quoted = false
  let left = MAX_HOPS
  for (let at = end - 1; at >= 0 && left > 0; at--) {
    if (quotes && text[at] === '"' && !isEscaped(text, at)) quoted = !quoted
    if (text[at] !== ',' || quoted) continue
    yield trimmed(text.slice(at + 1, end))
    end = at
    left--
  }
  yield left === 0 || text.length < value.length ? null : trimmed(text.slice(0, end))
}

function isEscaped(text: string, at: number): boolean {
  let start = at
  while (text[start - 1] === '\\') start--
  return (at - start) % 2 === 1
}

/** Removes spaces and tabs from both ends; a header may not contain other white space. */
function trimmed(text: string): string {
  let [start, end] = [0, text.length]
  while (text[start] === ' ' || text[start] === '\t') start++
  while (end > start && (text[end - 1] === ' ' || text[end - 1] === '\t')) end--
  return text.slice(start, end)
}

/** A pair of a `Forwarded` element, RFC 7239 §4. */
const PAIR = /[ \t]*([\w!#$%&'*+.^`|~-]+)=(?:([\w!#$%&'*+.^`|~-]+)|"((?:[^"\\]|\\[\s\S])*)")[ \t]*(?:;|$)/y

function forwardedFor(element: string): Address | null {
  let found: string | null = null
  PAIR.lastIndex = 0
  while (PAIR.lastIndex < element.length) {
    const [, name, token, quoted] = PAIR.exec(element) ?? []
    if (name === undefined) return null
    if (name.toLowerCase() !== 'for') continue
    if (found !== null) return null
    found = token ?? quoted?.replace(/\\([\s\S])/g, '$1') ?? ''
  }
  // Here IPv6 is always in brackets, and a port may be an obfuscated name (RFC 7239 §6).
  if (found === null || /^[^[]*:.*:/.test(found)) return null
  return parseNode(found.replace(/:_[\w.-]+$/, ''))
}
