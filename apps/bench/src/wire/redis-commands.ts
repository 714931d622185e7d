import { createHash } from 'node:crypto'
import type { CallKind } from './call-kind.ts'

const READS = new Set([
  ...['GET', 'MGET', 'GETRANGE', 'STRLEN', 'EXISTS', 'TTL', 'PTTL', 'TYPE', 'TIME'],
  ...['HGET', 'HMGET', 'HGETALL', 'ZRANGE', 'ZCARD', 'ZCOUNT', 'ZSCORE', 'SMEMBERS', 'SISMEMBER', 'SCAN'],
])

/** What keeps the connection, and messages to other processes: no operation on a session. */
const OTHER = new Set([
  ...[
    'HELLO',
    'AUTH',
    'SELECT',
    'CLIENT',
    'INFO',
    'PING',
    'READONLY',
    'CLUSTER',
    'COMMAND',
    'SCRIPT',
    'CONFIG',
  ],
  ...['SUBSCRIBE', 'UNSUBSCRIBE', 'SSUBSCRIBE', 'SUNSUBSCRIBE', 'PUBLISH', 'SPUBLISH'],
])

/**
 * Returns what says whether a command reads or writes. What is not known to only read is a write. A script is what it calls, which
 * its text says; `EVALSHA` of a text that did not pass before is a write.
 */
export function redisKinds(): (name: string, argument: string) => CallKind {
  const scripts = new Map<string, CallKind>()
  return (name, argument) => {
    const command = name.toUpperCase()
    if (command === 'EVALSHA') return scripts.get(argument) ?? 'writes'
    if (command !== 'EVAL') return kindOf(command)
    const kind = kindOfScript(argument)
    scripts.set(createHash('sha1').update(argument, 'latin1').digest('hex'), kind)
    return kind
  }
}

function kindOf(command: string): CallKind {
  return READS.has(command) ? 'reads' : OTHER.has(command) ? 'other' : 'writes'
}

function kindOfScript(text: string): CallKind {
  const called = [...text.matchAll(/redis\.p?call\(\s*['"](\w+)['"]/g)].map(([, command = '']) =>
    kindOf(command),
  )
  if (called.length === 0 || called.includes('writes')) return 'writes'
  return called.includes('reads') ? 'reads' : 'other'
}

const CRLF = '\r\n'

/** Returns what takes the bytes of one connection, and calls `onCommand` with each command (RESP arrays) and its first argument. */
export function redisCommands(onCommand: (name: string, argument: string) => void): (chunk: Buffer) => void {
  let rest = Buffer.alloc(0)
  return (chunk) => {
    rest = Buffer.concat([rest, chunk])
    for (let command = commandOf(rest); command !== null; command = commandOf(rest)) {
      const [name = '', argument = ''] = command.words
      onCommand(name, argument)
      rest = rest.subarray(command.end)
    }
  }
}

/** The first command in `bytes`, with two of its words; `null` while it is not complete. */
function commandOf(bytes: Buffer): { readonly words: readonly string[]; readonly end: number } | null {
  const head = numberAt(bytes, 0, '*')
  if (head === null) return null
  let { end } = head
  const words: string[] = []
  for (let word = 0; word < head.value; word++) {
    const length = numberAt(bytes, end, '$')
    if (length === null) return null
    const start = length.end
    end = start + length.value + CRLF.length
    if (end > bytes.length) return null
    if (word < 2) words.push(bytes.toString('latin1', start, start + length.value))
  }
  return { words, end }
}

/** The number after `mark`, or `null` while its line is not complete. */
function numberAt(bytes: Buffer, at: number, mark: string) {
  const end = bytes.indexOf(CRLF, at, 'latin1')
  if (end === -1) return null
  const line = bytes.toString('latin1', at, end)
  if (!line.startsWith(mark))
    throw new Error(`The wire carries ${JSON.stringify(line)}, which is no command.`)
  return { value: Number(line.slice(1)), end: end + CRLF.length }
}
