import { manualClock } from '@bff/test-support/clock'
import { memoryStore } from '../../../store-memory/src/index.ts'
import {
  createBff,
  type Encryptor,
  generateEncryptionKey,
  type SessionStore,
  type TokenSet,
} from '../../src/index.ts'
import { createEncryptor } from '../../src/internal/crypto/create-encryptor.ts'
import { openIdentity, openTokens } from '../../src/session/seal.ts'

export const [OLD, NEW, LOST] = [generateEncryptionKey(), generateEncryptionKey(), generateEncryptionKey()]
export const ORIGIN = 'https://app.example.com'
export const HOUR_MS = 3_600_000

export const encryptorWith = (...keys: string[]): Encryptor => createEncryptor({ keys })

const tokensOf = (user: string): TokenSet => ({
  accessToken: `access-${user}`,
  expiresIn: 864_000,
  refreshToken: `refresh-${user}`,
  refreshTokenExpiresIn: null,
  idToken: null,
  scope: 'openid',
  dpopKeyPair: null,
  claims: null,
})

/** A store, and BFFs over it with keys of their own. */
export function sealedStore() {
  const clock = manualClock()
  const store = memoryStore({ clock })
  const { sessions } = store
  const bffWith = (...encryptionKeys: string[]) =>
    createBff({ origin: ORIGIN, store, encryptionKeys, clock, onEvent: () => {} })

  /** Signs in as many users as there are, with the first of these keys; returns cookies. */
  async function signIn(count: number, ...keys: string[]): Promise<string[]> {
    const bff = bffWith(...keys)
    const cookies: string[] = []
    for (let number = 0; number < count; number++) {
      const userId = `user-${number}`
      const { cookie } = await bff.sessions.create({
        userId,
        claims: { name: userId },
        tokens: tokensOf(userId),
      })
      cookies.push(cookie.slice(0, cookie.indexOf(';')))
    }
    return cookies
  }

  /** Every record, as the store has it. */
  async function records() {
    const { records: all, next } = await sessions.list({ owner: 'any' }, { limit: 1000 })
    if (next !== null) throw new Error('There are more.')
    return [...all].sort((a, b) => a.userId.localeCompare(b.userId))
  }

  /** What the sealed fields of every record hold, opened with these keys alone. */
  async function opened(...keys: string[]) {
    const encryptor = encryptorWith(...keys)
    return Promise.all(
      (await records()).map(async (record) => ({
        tokens: await openTokens(encryptor, record),
        claims: (await openIdentity(encryptor, record)).claims,
      })),
    )
  }

  return { clock, store, sessions, bffWith, signIn, records, opened }
}

/** The same store, with what happens just before each `update`, and how many there were. */
export function beforeUpdate(
  sessions: SessionStore,
  before: (...args: Parameters<SessionStore['update']>) => unknown,
) {
  const counted = { updates: 0 }
  const watched: SessionStore = new Proxy(sessions, {
    get: (target, name) => {
      if (name !== 'update') return Reflect.get(target, name).bind(target)
      return async (...args: Parameters<SessionStore['update']>) => {
        counted.updates++
        await before(...args)
        return target.update(...args)
      }
    },
  })
  return Object.assign(counted, { watched })
}
