import { fullSession, handle, revocation } from '@bff/store-testkit/fixtures'
import { START } from '@bff/test-support/clock'
import { sqliteStore } from '../src/sqlite/index.ts'

/** How many calls may fail before it is clear that the disk is full. */
const FAILURES = 12

/** More than the limit has room for: without one this would go on until the machine's disk is full. */
const MOST_SESSIONS = 20_000

const [path = ''] = process.argv.slice(2)
const { sessions, ttl } = sqliteStore({ path })
const acknowledged: Record<string, string[]> = { created: [], rotated: [], revoked: [], taken: [] }
let failures = 0

async function attempt(kind: string, name: string, write: () => Promise<unknown>): Promise<void> {
  try {
    if ((await write()) !== null) acknowledged[kind]?.push(name)
  } catch {
    failures++
  }
}

for (let index = 0; failures < FAILURES; index++) {
  if (index > MOST_SESSIONS) throw new Error('The disk took more than the limit of this test allows.')
  const name = String(index)
  await attempt('created', name, () => sessions.create(fullSession(START, { handle: handle(name) })))
  await attempt('rotated', name, () =>
    sessions.update(handle(name), { updatedAt: START, secretHash: 'rotated' }, 1),
  )
  await attempt('revoked', name, () => sessions.revoke(handle(name), revocation(START)))
  await ttl.set(name, 'value', 60_000).catch(() => {})
  await attempt('taken', name, () => ttl.take(name))
}
process.stdout.write(JSON.stringify(acknowledged))
