import { createEncryptor, type Encryptor, type SessionStore, systemClock } from '@bff/core'
import {
  encryptionKeyId,
  inspectKeys,
  isNewestKeyInUse,
  type KeyReport,
  type OlderKey,
  resealSessions,
} from '@bff/core/key-rotation'
import { readFlags, storeAddress } from './flags.ts'
import { interruptible } from './interrupt.ts'
import { keysOfEnvironment } from './keys.ts'
import { openStore } from './open-store.ts'
import { CommandFailed, type ExitCode, jsonText, type Output, WrongArguments } from './output.ts'
import { count, createProgress, rate } from './progress.ts'

const FLAGS = { store: 'string', check: 'boolean', force: 'boolean', json: 'boolean' } as const

type Flags = ReturnType<typeof readFlags<typeof FLAGS>>['flags']

/** Seals every session again with the newest key, or says with `--check` which sessions need an older one. */
export async function rotate(args: readonly string[], output: Output): Promise<ExitCode> {
  const { flags, words } = readFlags(args, FLAGS)
  if (words.length > 0) throw new WrongArguments(`${words.join(' ')} is too much.`)
  const address = storeAddress(flags.store)
  const keys = keysOfEnvironment()
  const encryptor = createEncryptor({ keys })
  const ids = await Promise.all(keys.map(encryptionKeyId))
  const { sessions } = await openStore(address)
  try {
    return await rotateIn(sessions, encryptor, ids, flags, output)
  } finally {
    await sessions.close()
  }
}

async function rotateIn(
  sessions: SessionStore,
  encryptor: Encryptor,
  ids: readonly string[],
  flags: Flags,
  output: Output,
): Promise<ExitCode> {
  const total = await sessions.countActive({ owner: 'any' }, systemClock.now())
  if (total > 0 && !flags.check && !flags.force) {
    output.status?.(`Looking for a session of ${ids[0]} …`)
    await requireNewestInUse(sessions, encryptor, ids).finally(() => output.status?.(''))
  }
  const start = systemClock.monotonic()
  const elapsedMs = () => systemClock.monotonic() - start
  const progress = createProgress(total, elapsedMs, output)
  const walk = flags.check ? inspectKeys : resealSessions
  const report = await interruptible((signal) =>
    walk(sessions, encryptor, { signal, onProgress: ({ sessions: done }) => progress.show(done) }),
  ).finally(progress.clear)
  const took = elapsedMs()
  if (flags.json) output.out(jsonText(jsonOf(report, ids, took), 2))
  else print(report, ids, took, flags, output)
  const isDone = flags.check ? report.olderKeys.length === 0 : report.olderKeys.every((key) => !key.isMissing)
  return report.isComplete && isDone ? 0 : 1
}

/**
 * A wrong key in the first place would seal every session with a key that no process of the app has.
 *
 * @throws CommandFailed when no session shows that the app has the newest key
 */
async function requireNewestInUse(
  sessions: SessionStore,
  encryptor: Encryptor,
  ids: readonly string[],
): Promise<void> {
  if (await isNewestKeyInUse(sessions, encryptor)) return
  const { olderKeys } = await inspectKeys(sessions, encryptor)
  throw new CommandFailed(
    [
      `No session uses ${ids[0]}, the newest key. Nothing was changed.`,
      ...olderKeys.map((key) => needOf(key, ids)),
      'Are these the keys of the app? Every process must have the newest key first (step 2 of the rotation). The first sign-in then',
      'shows it. If nobody has signed in since, and you are sure, add --force.',
    ].join('\n'),
  )
}

function print(
  report: KeyReport,
  ids: readonly string[],
  tookMs: number,
  { check }: Flags,
  { out, err }: Output,
): void {
  const { isComplete, sessions, resealed, broken, olderKeys } = report
  const read = `${count(sessions)} active sessions`
  const done = `${count(resealed)} of ${read} sealed again with ${ids[0]} in ${seconds(tookMs)} (${rate(sessions, tookMs)}).`
  out(check ? `${read} read.` : done)
  if (broken > 0)
    out(`${count(broken)} of them have a value that no key opens, because it was changed in the store.`)
  if (!isComplete) {
    // What the rest needs is not known.
    err(`Stopped before the end.${check ? '' : ' Run it again: what is sealed again needs no second write.'}`)
    return
  }
  for (const key of olderKeys) for (const line of linesOf(key, ids)) out(line)
  if (olderKeys.length === 0) out(`No session needs another key than ${ids[0]}. You can remove the others.`)
}

function linesOf(key: OlderKey, ids: readonly string[]): readonly string[] {
  const { isMissing, idleUntil, until } = key
  return isMissing
    ? [
        needOf(key, ids),
        `  Their users get 503 key_unavailable. Add the key behind the newest, here and in the app; without it, the last of them ends ${time(until)}.`,
      ]
    : [
        needOf(key, ids),
        `  Each moves to the newest key when it is used. The last that nobody uses ends ${time(idleUntil)}: run bff rotate --check then.`,
        `  In any case the last of them ends ${time(until)}.`,
      ]
}

const needOf = (key: OlderKey, ids: readonly string[]) =>
  `${count(key.sessions)} ${key.sessions === 1 ? 'session needs' : 'sessions need'} ${nameOf(key, ids)}.`

/** As an operator can find it: by its place in BFF_ENCRYPTION_KEYS. */
function nameOf({ id }: OlderKey, ids: readonly string[]): string {
  if (id === null) return 'a key without an id'
  const place = ids.indexOf(id)
  return place < 0
    ? `${id}, which is not in BFF_ENCRYPTION_KEYS`
    : `${id}, key ${place + 1} of BFF_ENCRYPTION_KEYS`
}

const jsonOf = ({ olderKeys, ...report }: KeyReport, ids: readonly string[], tookMs: number) => ({
  keys: ids,
  ...report,
  milliseconds: Math.round(tookMs),
  olderKeys: olderKeys.map((key) => ({ ...key, idleUntil: time(key.idleUntil), until: time(key.until) })),
})

const time = (at: number) => new Date(at).toISOString()
const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`
