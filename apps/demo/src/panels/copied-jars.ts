import type { Clock, SessionHandle } from '@bff/core'
import { LOOT_PATH, type Loot, type Thief } from './thief.ts'

/** A browser's cookies in the hands of a thief, and what they got there. */
export interface CopiedJar {
  /** What the session cookie got alone. */
  readonly alone: Loot
  /** What all cookies got at once. */
  readonly all: Loot
  /** When the copy of the bound cookie has expired and all are sent again, epoch milliseconds. */
  readonly again: number
  /** What all cookies got then, or `null`: it is not time yet. */
  readonly later: Loot | null
}

export interface CopiedJars {
  /** Copies the cookies of a session, tries them, and tries them again when the bound cookie has expired. */
  copy(handle: SessionHandle, cookie: string): Promise<CopiedJar>
  /** Returns what the last copy got, or `null`. */
  of(handle: SessionHandle): CopiedJar | null
  /** Sends no copy any more. */
  close(): void
}

export interface CopiedJarsOptions {
  readonly thief: Thief
  readonly clock: Clock
  readonly sessionCookie: string
  /** How long a copied jar works at most, milliseconds. */
  readonly lifeMs: number
}

/** The jars are in memory, each until the process ends or another copy of the same session takes its place. */
export function createCopiedJars({ thief, clock, sessionCookie, lifeMs }: CopiedJarsOptions): CopiedJars {
  const jars = new Map<SessionHandle, { jar: CopiedJar; waiting: AbortController }>()

  async function copy(handle: SessionHandle, cookie: string): Promise<CopiedJar> {
    jars.get(handle)?.waiting.abort()
    const own = cookie.split(/; */).filter((pair) => pair.startsWith(`${sessionCookie}=`))
    const again = clock.now() + lifeMs
    const alone = await thief(own.join('; '), LOOT_PATH)
    const all = await thief(cookie, LOOT_PATH)
    const waiting = new AbortController()
    const entry = { jar: { alone, all, again, later: null } as CopiedJar, waiting }
    jars.set(handle, entry)
    void clock
      .sleep(again - clock.now(), waiting.signal, true)
      .then(() => thief(cookie, LOOT_PATH))
      .then((later) => {
        entry.jar = { ...entry.jar, later }
      })
      // Aborted, or the server is closing.
      .catch(() => {})
    return entry.jar
  }

  return {
    copy,
    of: (handle) => jars.get(handle)?.jar ?? null,
    close: () => {
      for (const { waiting } of jars.values()) waiting.abort()
    },
  }
}
