import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createBff, generateEncryptionKey, type RequestView, type SessionRecord } from '@bff/core'
import { encryptionKeyId } from '@bff/core/key-rotation'
import { sqliteStore } from '@bff/store-sql/better-sqlite3'
import Database from 'better-sqlite3'
import { afterEach, beforeEach, expect, it, onTestFinished } from 'vitest'
import { bffCommand, bffCommandWith } from './command.ts'

const [OLD, NEW, OTHER] = [generateEncryptionKey(), generateEncryptionKey(), generateEncryptionKey()]
let [oldId, newId, otherId] = ['', '', '']

beforeEach(async () => {
  ;[oldId = '', newId = '', otherId = ''] = await Promise.all([OLD, NEW, OTHER].map(encryptionKeyId))
  process.env['BFF_ENCRYPTION_KEYS'] = [NEW, OLD].join(',')
})

afterEach(() => {
  delete process.env['BFF_ENCRYPTION_KEYS']
})

/** A database with sessions of the old key, and what the app and a second client of the database do there. */
async function appWith(sessions: number, { isNewestProven = true } = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'bff-cli-'))
  const path = join(folder, 'sessions.db')
  const { out } = await bffCommand('schema', 'sql', 'sqlite')
  const client = new Database(path)
  client.exec(out.join('\n').replaceAll('--> statement-breakpoint', ''))
  const store = sqliteStore({ path, synchronous: 'normal' })
  onTestFinished(async () => {
    client.close()
    await store.sessions.close()
    rmSync(folder, { recursive: true })
  })
  const bffWith = (encryptionKeys: string[], touchShare = 0.1) =>
    createBff({
      origin: 'http://localhost:3000',
      store,
      encryptionKeys,
      session: { touchShare },
      onEvent: () => {},
    })
  const cookies: string[] = []
  const signIn = async (userId: string, ...keys: string[]) => {
    const { cookie } = await bffWith(keys).sessions.create({ userId, claims: { name: userId } })
    cookies.push(cookie.slice(0, cookie.indexOf(';')))
  }
  for (let number = 0; number < sessions; number++) await signIn(`user-${number}`, OLD)
  if (isNewestProven) await signIn('proof', NEW, OLD)

  /** The ids of the keys that sealed the claims of each session, read past the store. */
  const sealedBy = () =>
    client
      .prepare<[], { claims: Buffer }>('select claims_encrypted as claims from bff_sessions')
      .all()
      .map(({ claims }) => claims.subarray(2, 10).toString())
  /** Uses every session once, each use written down. */
  const useAll = async (...keys: string[]) => {
    const bff = bffWith(keys, 0)
    const users = await Promise.all(
      cookies.map(async (cookie) => (await bff.getSession(view(cookie)))?.userId),
    )
    return users.filter((user) => user !== undefined)
  }
  return { address: `sqlite:${path}`, store, signIn, sealedBy, useAll }
}

const view = (cookie: string): RequestView => ({
  method: 'GET',
  target: '/',
  remoteAddress: '127.0.0.1',
  header: (name) => (name === 'cookie' ? cookie : undefined),
  headers: () => [['cookie', cookie]],
  body: () => undefined,
  signal: new AbortController().signal,
})

it('rotate seals every session with the newest key and names the older one, until each was used', async () => {
  const { address, sealedBy, useAll } = await appWith(5)
  const rotated = await bffCommand('rotate', '--store', address)
  expect(rotated.exitCode).toBe(0)
  expect(sealedBy()).toEqual(Array(6).fill(newId))
  expect(rotated.out[0]).toMatch(
    new RegExp(`^5 of 6 active sessions sealed again with ${newId} in [\\d.]+ s \\([\\d,]+/s\\)\\.$`),
  )
  expect(rotated.out[1]).toBe(`5 sessions need ${oldId}, key 2 of BFF_ENCRYPTION_KEYS.`)
  expect(rotated.out[2]).toMatch(/The last that nobody uses ends \d{4}-.*Z: run bff rotate --check then\.$/)

  const waiting = await bffCommand('rotate', '--check', '--store', address, '--json')
  expect(waiting.exitCode).toBe(1)
  expect(waiting.json()).toMatchObject({
    keys: [newId, oldId],
    isComplete: true,
    sessions: 6,
    resealed: 0,
    olderKeys: [{ id: oldId, isMissing: false, sessions: 5 }],
  })

  expect(await useAll(NEW, OLD)).toHaveLength(6)
  const free = await bffCommand('rotate', '--check', '--store', address)
  expect(free.out).toEqual([
    '6 active sessions read.',
    `No session needs another key than ${newId}. You can remove the others.`,
  ])
  expect(free.exitCode).toBe(0)
  expect(await useAll(NEW)).toHaveLength(6)
})

it('--check writes nothing', async () => {
  const { address, sealedBy } = await appWith(3)
  const before = sealedBy()
  expect((await bffCommand('rotate', '--check', '--store', address)).exitCode).toBe(1)
  expect(sealedBy()).toEqual(before)
  expect(before.filter((id) => id === oldId)).toHaveLength(3)
})

it('A newest key that no session uses is refused, with the keys that sessions need, and accepted with --force', async () => {
  const { address, sealedBy } = await appWith(3, { isNewestProven: false })
  process.env['BFF_ENCRYPTION_KEYS'] = [OTHER, OLD].join(',')
  const refused = await bffCommand('rotate', '--store', address)
  expect(refused.exitCode).toBe(1)
  expect(refused.out).toEqual([])
  expect(refused.err).toContain(`No session uses ${otherId}, the newest key. Nothing was changed.`)
  expect(refused.err).toContain(`3 sessions need ${oldId}, key 2 of BFF_ENCRYPTION_KEYS.`)
  expect(sealedBy()).toEqual(Array(3).fill(oldId))

  process.env['BFF_ENCRYPTION_KEYS'] = OTHER
  const foreign = await bffCommand('rotate', '--store', address)
  expect(foreign.err).toContain(`3 sessions need ${oldId}, which is not in BFF_ENCRYPTION_KEYS.`)
  expect(foreign.exitCode).toBe(1)

  process.env['BFF_ENCRYPTION_KEYS'] = [NEW, OLD].join(',')
  expect((await bffCommand('rotate', '--force', '--store', address)).exitCode).toBe(0)
  expect(sealedBy()).toEqual(Array(3).fill(newId))
})

it('A lost key is named, its sessions stay as they are, and the exit code is 1', async () => {
  const { address, signIn, sealedBy } = await appWith(2)
  await signIn('lost', OTHER)
  const rotated = await bffCommand('rotate', '--store', address)
  expect(rotated.exitCode).toBe(1)
  expect(rotated.out.join('\n')).toContain(`1 session needs ${otherId}, which is not in BFF_ENCRYPTION_KEYS.`)
  expect(rotated.out.join('\n')).toContain('503 key_unavailable')
  expect(sealedBy().sort()).toEqual([newId, newId, newId, otherId].sort())
})

it('An interrupted rotate says so, and a second one writes only the rest', async () => {
  const { address, sealedBy } = await appWith(210)
  let lines = 0
  const interrupting = () => {
    if (++lines === 1) process.emit('SIGINT', 'SIGINT')
  }
  const stopped = await bffCommandWith({ err: interrupting }, 'rotate', '--store', address, '--json')
  expect(stopped.exitCode).toBe(1)
  const { isComplete, resealed } = stopped.json()
  expect(isComplete).toBe(false)
  expect(sealedBy().filter((id) => id === oldId)).toHaveLength(210 - resealed)
  expect(resealed).toBeLessThan(210)

  const done = await bffCommand('rotate', '--store', address, '--json')
  expect(done.exitCode).toBe(0)
  expect(done.json()).toMatchObject({ isComplete: true, sessions: 211, resealed: 210 - resealed })
  expect(sealedBy()).toEqual(Array(211).fill(newId))
})

it('A stopped rotate names no key and no time, because it did not read all sessions', async () => {
  const { address } = await appWith(210)
  const err: string[] = []
  const interrupting = (line: string) => {
    if (err.push(line) === 1) process.emit('SIGINT', 'SIGINT')
  }
  const { exitCode, out } = await bffCommandWith({ err: interrupting }, 'rotate', '--store', address)
  expect(out).toEqual([expect.stringMatching(/sealed again with/)])
  expect(err.at(-1)).toMatch(/^Stopped before the end\. Run it again/)
  expect(exitCode).toBe(1)
})

it('A stopped bench deletes its sessions', async () => {
  const { address, store } = await appWith(0)
  const stopped = bffCommand('bench', '--store', address, '--sessions', '100000')
  const isAtWork = () => process.listenerCount('SIGINT') > 0
  while (!isAtWork()) await new Promise(setImmediate)
  process.emit('SIGINT', 'SIGINT')
  expect(await stopped).toMatchObject({
    exitCode: 1,
    out: [],
    err: 'Stopped before the end. Its sessions are deleted.',
  })
  const { records } = await store.sessions.list({ owner: 'any' })
  expect(records.map(({ userId }: SessionRecord) => userId)).toEqual(['proof'])
})

it('The progress is a bar on a terminal, which is gone at the end, and a few lines in a log', async () => {
  const { address } = await appWith(210)
  const shown: string[] = []
  const status = (line: string) => void shown.push(line)
  const onTerminal = await bffCommandWith({ status }, 'rotate', '--store', address)
  expect(onTerminal.err).toBe('')
  expect(shown.slice(0, 2)).toEqual([`Looking for a session of ${newId} …`, ''])
  expect(shown.at(-2)).toMatch(/^█{24} 100 % {2}211 of 211 sessions {2}[\d,]+\/s$/)
  expect(shown.at(-1)).toBe('')
  const inLog = await bffCommand('rotate', '--store', address)
  expect(inLog.err).toMatch(/^ 94 % {2}200 of 211 sessions {2}[\d,]+\/s\n100 % {2}211 of 211/)
})

it('An empty store needs no key', async () => {
  const { address } = await appWith(0, { isNewestProven: false })
  const { exitCode, out } = await bffCommand('rotate', '--store', address)
  expect(out.at(-1)).toBe(`No session needs another key than ${newId}. You can remove the others.`)
  expect(exitCode).toBe(0)
})

it('A key that is none is refused before the store is opened', async () => {
  process.env['BFF_ENCRYPTION_KEYS'] = [NEW, 'too-short'].join(',')
  const { exitCode, err } = await bffCommand('rotate', '--store', 'redis://localhost:1')
  expect(err).toMatch(/^invalid_config: Encryption key 2 of 2 is neither base64 nor hex\./)
  expect(exitCode).toBe(1)
})

it('bench measures every operation on sessions of its own, and leaves none behind', async () => {
  const { address, store, useAll } = await appWith(1)
  const { exitCode, json } = await bffCommand('bench', '--store', address, '--sessions', '20', '--json')
  expect(exitCode).toBe(0)
  const timings: ReadonlyArray<{ operation: string; calls: number; p50: number; p99: number }> = json()
  expect(timings.map(({ operation, calls }) => [operation, calls])).toEqual(
    ['create', 'read', 'touch', 'rotate', 'revoke'].map((operation) => [operation, 20]),
  )
  for (const { p50, p99 } of timings) {
    expect(p50).toBeGreaterThan(0)
    expect(p99).toBeGreaterThanOrEqual(p50)
  }
  const left: readonly SessionRecord[] = (await store.sessions.list({ owner: 'any' })).records
  expect(left.map(({ userId }) => userId).sort()).toEqual(['proof', 'user-0'])
  expect(await useAll(NEW, OLD)).toHaveLength(2)
  const { out } = await bffCommand('bench', '--store', address, '--sessions', '3')
  expect(out[0]).toBe('           calls    p50 ms    p99 ms')
  expect(out[1]).toMatch(/^create {9}3 +\d+\.\d\d +\d+\.\d\d$/)
})
