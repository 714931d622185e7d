import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'

const BUILD = fileURLToPath(new URL('../.next', import.meta.url))

/** Words of server code that no minifier changes. */
const SERVER_WORDS = [
  'BFF_ENCRYPTION_KEY',
  'OIDC_CLIENT_SECRET',
  'SESSIONS_DB',
  'accessTokenEncrypted',
  'refreshTokenEncrypted',
  'secretHash',
  'aes-256-gcm',
  'AES-GCM',
  'dpop+jwt',
  'grant_type',
  'client_secret',
  'private, no-cache',
  'better-sqlite3',
  'bff_sessions',
  'session_conflict',
]

function textOf(folder: string): string {
  return readdirSync(join(BUILD, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(?:js|css|map|json|html|rsc)$/.test(entry.name))
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8'))
    .join('\n')
}

it('puts no server code into what browsers load', () => {
  const [server, client] = [textOf('server'), textOf('static')]
  expect(client.length).toBeGreaterThan(100_000)
  // A word the server's own bundle lacks would prove nothing.
  const inServer = SERVER_WORDS.filter((word) => server.includes(word))
  expect(inServer).toEqual(SERVER_WORDS)
  expect(SERVER_WORDS.filter((word) => client.includes(word))).toEqual([])
})
