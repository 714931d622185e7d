import { type Address, parseNode } from '../internal/address.ts'

/** What is read of a header at the most; the part next to us is the one that counts (CIP-09). */
const MAX_CHARS = 2_048
const MAX_HOPS = 32

/**
 * The addresses a forwarding header names, nearest first. `null` stands for an entry that is none, or for the bound on
 * what is read; what is left of it was written by nobody we trust (CIP-03, CIP-04).
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

/** Without the spaces and tabs around it; other white space has no business in a header. */
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
  // Here IPv6 always stands in brackets, and a port may be a made-up name.
  if (found === null || /^[^[]*:.*:/.test(found)) return null
  return parseNode(found.replace(/:_[\w.-]+$/, ''))
}
