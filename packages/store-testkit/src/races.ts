import assert from 'node:assert/strict'
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import type { SessionHandle, SessionStore } from '@bff/core'
import { WIPED } from '@bff/core/store'
import { bytes, fullSession, handle, revocation, same } from './fixtures.ts'

/** What the other process does to a session while this one signs it out. */
interface Race {
  readonly handle: SessionHandle
  readonly kind: (typeof KINDS)[number]
  readonly at: number
}

const KINDS = ['refresh', 'touch', 'update'] as const
const AT_ONCE = 250

/** A process that runs a TypeScript file which calls {@link serveRaces}. */
export function forkRacer(file: string, args: readonly string[]): ChildProcess {
  return fork(file, args, { execArgv: ['--import', 'tsx', '--conditions=@bff/source'] })
}

/** In the other process: refreshes, touches and updates what its parent signs out. */
export function serveRaces(sessions: SessionStore): void {
  process.on('message', (races: readonly Race[] | 'end') => {
    if (races === 'end') return void sessions.close().then(() => process.disconnect())
    void Promise.allSettled(races.map((race) => write(sessions, race))).then((outcomes) => {
      const fault = outcomes.find((outcome) => outcome.status === 'rejected')
      process.send?.(fault ? String(fault.reason) : null)
    })
  })
  process.send?.('ready')
}

async function write(sessions: SessionStore, { handle, kind, at }: Race): Promise<void> {
  const patch = { updatedAt: at, accessTokenEncrypted: bytes(3) }
  if (kind === 'touch') {
    await sessions.touch(handle, at, at + 1000)
  } else if (kind === 'update') {
    await sessions.update(handle, patch, 1)
  } else {
    // A refresh: read, ask the provider, write against the version that was read.
    const record = await sessions.get(handle)
    await sessions.update(handle, { ...patch, organizationId: 'moved' }, record?.version ?? 1)
  }
}

/**
 * STO-01: signs sessions out while the other process writes to them, `times` races of each kind. Nothing may be back
 * afterwards, and nothing may have changed since.
 */
export async function raceLogout(
  sessions: SessionStore,
  racer: ChildProcess,
  { now, times }: { readonly now: number; readonly times: number },
): Promise<void> {
  await once(racer, 'message')
  let written = 0
  for (const kind of KINDS) {
    for (let first = 0; first < times; first += AT_ONCE) {
      const races = Array.from({ length: Math.min(AT_ONCE, times - first) }, (_, index) => ({
        handle: handle(`${kind}.${first + index}`),
        kind,
        at: now + 1,
      }))
      written += await raceOnce(sessions, racer, races, now)
    }
  }
  // Without a race that a writer won nothing was raced: the other process may be served that rarely.
  for (let round = 0; written === 0; round++) {
    const one = { handle: handle(`touch.more${round}`), kind: 'touch', at: now + 1 } as const
    written += await raceOnce(sessions, racer, [one], now)
  }
  racer.send('end')
  await once(racer, 'exit')
}

/** How many of the sessions the other process wrote to before they were signed out. */
async function raceOnce(
  sessions: SessionStore,
  racer: ChildProcess,
  races: readonly Race[],
  now: number,
): Promise<number> {
  const why = revocation(now + 1)
  await Promise.all(races.map((race) => sessions.create(fullSession(now, { handle: race.handle }))))
  const done = once(racer, 'message')
  racer.send(races)
  // The other process has yet to hear of it: reads let it catch up.
  for (const { handle } of races.slice(0, 20)) await sessions.get(handle)
  const revoked = await Promise.all(races.map((race) => sessions.revoke(race.handle, why)))
  const [fault] = await done
  assert.equal(fault, null)
  const left = await Promise.all(races.map((race) => sessions.get(race.handle)))
  for (const [index, record] of left.entries()) {
    same(record, revoked[index]?.record)
    same(record, { ...record, ...WIPED, revocation: why })
  }
  return left.filter((record) => record?.version !== 2 || record.lastAccessedAt !== now).length
}
