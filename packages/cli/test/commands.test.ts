import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createBff, generateEncryptionKey, type Stores } from '@bff/core'
import { startRedis } from '@bff/servers'
import { redisStore } from '@bff/store-redis'
import { sqliteStore } from '@bff/store-sql/better-sqlite3'
import Database from 'better-sqlite3'
import { Redis } from 'ioredis'
import { afterEach, beforeEach, expect, it, onTestFinished, vi } from 'vitest'
import { causesOf } from '../src/cause.ts'
import { bffCommand, bffCommandInto } from './command.ts'

const ORIGIN = 'http://localhost:3000'
const DAY_MS = 86_400_000

/** A file of SQLite with the tables that `schema sql` prints. */
async function database(): Promise<{ address: string; store: Stores }> {
  const folder = mkdtempSync(join(tmpdir(), 'bff-cli-'))
  const path = join(folder, 'sessions.db')
  const { out } = await bffCommand('schema', 'sql', 'sqlite')
  const client = new Database(path)
  client.exec(out.join('\n').replaceAll('--> statement-breakpoint', ''))
  client.close()
  const store = sqliteStore({ path })
  onTestFinished(async () => {
    await store.sessions.close()
    rmSync(folder, { recursive: true })
  })
  return { address: `sqlite:${path}`, store }
}

function bffOn(store: Stores, encryptionKeys = [generateEncryptionKey()]) {
  return createBff({ origin: ORIGIN, store, encryptionKeys, onEvent: () => {} })
}

beforeEach(() => {
  vi.stubEnv('BFF_STORE', undefined)
})

afterEach(() => {
  delete process.env['BFF_ENCRYPTION_KEYS']
  vi.unstubAllEnvs()
})

it('The SQL of the tables makes a database that the check accepts', async () => {
  const { address } = await database()
  const { exitCode, out } = await bffCommand('schema', 'check', '--store', address)
  expect(out).toEqual(['The database has every table, column and index.'])
  expect(exitCode).toBe(0)
})

it('A database without the tables fails the check, with what is missing', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'bff-cli-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const path = join(folder, 'empty.db')
  writeFileSync(path, '')
  const checked = await bffCommand('schema', 'check', '--store', `sqlite:${path}`, '--json')
  expect(checked.exitCode).toBe(1)
  expect(checked.json()).toMatchObject({ ok: false, problem: expect.stringContaining('bff_sessions') })
})

/** Any client chooses how its browser is named: with controls of a terminal in seven and in eight bits, and of direction. */
const BROWSER = 'Browser\u001b[2J\u009b2J\u202e'

it('A list has the sessions of one user, newest first, and nothing secret', async () => {
  const { address, store } = await database()
  const bff = bffOn(store)
  const { session: first } = await bff.sessions.create({
    userId: 'alice',
    userAgent: BROWSER,
    claims: { name: 'Alice' },
  })
  await bff.sessions.create({ userId: 'bob' })
  await bff.sessions.revoke(first.handle)
  const { session: second } = await bff.sessions.create({ userId: 'alice' })

  const listed = await bffCommand('sessions', 'list', '--store', address, '--user', 'alice', '--json')
  expect(listed.json()).toMatchObject([
    { handle: second.handle, state: 'active', user: 'alice', revoked: null },
    { handle: first.handle, state: 'revoked', reason: 'operator_revoked' },
  ])
  expect(listed.json()).toMatchObject([{}, { browser: BROWSER }])
  expect(listed.out.join()).not.toMatch(/secret|token|encrypted|[\u007f-\u009f\u202e]/i)
  const active = await bffCommand('sessions', 'list', '--store', address, '--user', 'alice', '--active')
  expect(active.out).toHaveLength(2)
  expect(active.out[0]).toMatch(/^handle +state +created +last used +user +browser$/)
  const shown = await bffCommand('sessions', 'show', first.handle, '--store', address)
  expect(shown.out.join('\n')).toMatch(/^browser +Browser \[2J 2J $/m)
})

it('A list follows the pages of the store, up to its limit', async () => {
  const { address, store } = await database()
  const bff = bffOn(store)
  for (let count = 0; count < 103; count++) await bff.sessions.create({ userId: 'alice' })
  const list = ['sessions', 'list', '--store', address, '--user', 'alice'] as const
  const cut = await bffCommand(...list, '--json')
  expect(cut.json()).toHaveLength(100)
  expect(cut.err).toBe('There are more than these 100. --limit shows more of them.')
  const whole = await bffCommand(...list, '--json', '--limit', '103')
  expect(whole.json()).toHaveLength(103)
  expect(whole.err).toBe('')
})

it('An empty list says so, and stays JSON for programs', async () => {
  const { address } = await database()
  const list = ['sessions', 'list', '--store', address, '--user', 'nobody'] as const
  expect(await bffCommand(...list)).toMatchObject({ exitCode: 0, out: [], err: 'No session matches.' })
  expect((await bffCommand(...list, '--json')).json()).toEqual([])
})

it('Sessions are revoked only with --yes, and all but one when asked', async () => {
  const { address, store } = await database()
  const bff = bffOn(store)
  const { session: kept } = await bff.sessions.create({ userId: 'alice' })
  await bff.sessions.create({ userId: 'alice' })
  const revoke = [
    'sessions',
    'revoke',
    '--store',
    address,
    '--user',
    'alice',
    '--except',
    kept.handle,
  ] as const
  const active = () => bff.sessions.countActive({ userId: 'alice' })

  const preview = await bffCommand(...revoke)
  expect(preview.out).toHaveLength(2)
  expect(preview.err).toBe('1 to revoke. Add --yes to revoke it.')
  expect(await active()).toBe(2)

  expect((await bffCommand(...revoke, '--yes')).out).toEqual(['1 revoked.'])
  expect(await active()).toBe(1)
  const last = await bffCommand('sessions', 'revoke', kept.handle, '--store', address, '--yes', '--json')
  expect(last.json()).toEqual({ revoked: 1 })
  expect(await active()).toBe(0)
  expect((await bffCommand(...revoke)).err).toBe('0 to revoke.')
  const again = await bffCommand('sessions', 'revoke', kept.handle, '--store', address, '--yes')
  expect(again).toMatchObject({ exitCode: 0, out: ['0 revoked.'] })
})

it('A session that does not exist ends with 1, whatever was to be done with it', async () => {
  const { address } = await database()
  for (const words of [['show'], ['revoke'], ['revoke', '--yes']]) {
    const { exitCode, out, err } = await bffCommand('sessions', ...words, 'unknown', '--store', address)
    expect([exitCode, out, err]).toEqual([1, [], 'There is no such session.'])
  }
})

it('A file of SQLite that does not exist is named, and not made', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'bff-cli-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const path = join(folder, 'typo.db')
  const listed = await bffCommand('sessions', 'list', '--store', `sqlite:${path}`, '--all')
  expect(listed).toMatchObject({
    exitCode: 1,
    err: `There is no file ${path}. Name the database of the app.`,
  })
  expect(existsSync(path)).toBe(false)
})

it('The environment has the address of the store when the command line does not', async () => {
  const { address, store } = await database()
  await bffOn(store).sessions.create({ userId: 'alice' })
  vi.stubEnv('BFF_STORE', address)
  expect((await bffCommand('sessions', 'list', '--all', '--json')).json()).toHaveLength(1)
  const chosen = await bffCommand('sessions', 'list', '--all', '--store', 'redis://localhost:1')
  expect(chosen.err).toContain('store_unavailable')
})

it('Sessions of any owner are previewed, and revoked with --yes, also those of one issuer or provider session', async () => {
  const { address, store } = await database()
  const bff = bffOn(store)
  const issuer = 'https://id.example.com'
  for (let index = 0; index < 130; index++) {
    const owner = {
      userId: `user-${index}`,
      providerSessionId: `sid-${index % 2}`,
      deviceId: `device-${index % 3}`,
    }
    await bff.sessions.create({ ...owner, ...(index % 2 === 0 && { issuer }) })
  }
  const command = (...args: string[]) => bffCommand('sessions', ...args, '--store', address, '--all')
  const active = (filter = {}) => store.sessions.countActive({ owner: 'any', ...filter }, Date.now())

  expect((await command('list', '--limit', '500', '--json')).json()).toHaveLength(130)
  expect((await command('list', '--limit', '500', '--device', 'device-1', '--json')).json()).toHaveLength(43)
  const preview = await command('revoke', '--issuer', issuer, '--limit', '5')
  expect(preview.out).toHaveLength(6)
  expect(preview.err).toBe('65 to revoke. The first 5 are shown. Add --yes to revoke them.')
  expect(await active()).toBe(130)

  const bySession = await bffCommand(
    ...['sessions', 'list', '--store', address, '--issuer', issuer, '--provider-session', 'sid-0', '--json'],
  )
  expect(bySession.json()).toHaveLength(65)
  expect((await command('revoke', '--issuer', issuer, '--yes', '--json')).json()).toEqual({ revoked: 65 })
  expect([await active(), await active({ issuer })]).toEqual([65, 0])
  expect((await command('revoke', '--yes')).out).toEqual(['65 revoked.'])
  expect(await active()).toBe(0)
})

it('A handle that begins with a dash is a handle, not a flag', async () => {
  const { address, store } = await database()
  const bff = bffOn(store)
  let handle = ''
  while (!handle.startsWith('-')) handle = (await bff.sessions.create({ userId: 'alice' })).session.handle
  const command = (...args: string[]) => bffCommand('sessions', ...args, '--store', address)
  const active = () => bff.sessions.countActive({ userId: 'alice' })

  expect((await command('show', handle)).out[0]).toContain(handle)
  await command('revoke', '--user', 'alice', '--except', handle, '--yes')
  expect(await active()).toBe(1)
  expect((await command('revoke', '--yes', handle)).out).toEqual(['1 revoked.'])
  expect(await active()).toBe(0)
})

it('A revocation on Redis is heard by the processes of the app', async () => {
  const server = await startRedis()
  onTestFinished(() => server.stop())
  const store = redisStore({ url: server.url, operationTimeoutMs: 30_000 })
  onTestFinished(() => store.sessions.close())
  const { session } = await bffOn(store).sessions.create({ userId: 'alice' })
  const heard = new Promise((resolve) => {
    void store.events
      .subscribe('session.revoked', resolve)
      .then(() => bffCommand('sessions', 'revoke', '--store', server.url, '--user', 'alice', '--yes'))
  })
  expect(await heard).toMatchObject({ handle: session.handle, reasonCode: 'operator_revoked' })
})

it('A revocation on Redis is heard also when Redis was started again and has no script yet', async () => {
  const server = await startRedis()
  onTestFinished(() => server.stop())
  const store = redisStore({ url: server.url, operationTimeoutMs: 30_000 })
  onTestFinished(() => store.sessions.close())
  const { session } = await bffOn(store).sessions.create({ userId: 'alice' })
  const admin = new Redis(server.url)
  onTestFinished(() => admin.disconnect())
  const heard = new Promise((resolve) => {
    void store.events
      .subscribe('session.revoked', resolve)
      .then(() => admin.script('FLUSH'))
      .then(() => bffCommand('sessions', 'revoke', session.handle, '--store', server.url, '--yes'))
  })
  expect(await heard).toMatchObject({ handle: session.handle })
})

it('A minted cookie signs its user in, with the claims that were given', async () => {
  const { address, store } = await database()
  const key = generateEncryptionKey()
  process.env['BFF_ENCRYPTION_KEYS'] = key
  const args = ['mint', '--store', address, '--user', 'alice', '--claims', '{"name":"Alice"}'] as const
  const { exitCode, out } = await bffCommand(...args)
  expect(exitCode).toBe(0)
  const [cookie = ''] = out
  const answer = await bffOn(store, [key]).fetch(
    new Request(`${ORIGIN}/bff/user`, { headers: { cookie, 'x-csrf': '1' } }),
  )
  expect(await answer.json()).toContainEqual(expect.objectContaining({ type: 'name', value: 'Alice' }))

  const { json } = await bffCommand(...args, '--json')
  const { handle, expires } = json()
  expect(json().cookie.split('=')[1].startsWith(handle)).toBe(true)
  expect(Date.parse(expires) - Date.now()).toBeGreaterThan(DAY_MS)
})

it.each([
  [['mint', '--store', 'sqlite:x', '--user', 'a', '--origin', 'https://app.example.com'], 'localhost only'],
  [
    ['mint', '--store', 'sqlite:x', '--user', 'a', '--origin', 'https://localhost.example.com'],
    'localhost only',
  ],
  [['mint', '--store', 'sqlite:x', '--user', 'a'], 'BFF_ENCRYPTION_KEYS is missing. Set it to the keys'],
  [['mint', '--store', 'sqlite:x'], '--user is missing.'],
  [['sessions', 'list', '--user', 'a'], '--store is missing.'],
  [['sessions', 'list', '--store', 'disk', '--user', 'a'], '--store must be an address'],
  [['sessions', 'list', '--store', 'redis://localhost:1'], 'Name whose sessions: --user'],
  [
    ['sessions', 'list', '--store', 'redis://localhost:1', '--user', 'a', '--limit', 'all'],
    '--limit must be',
  ],
  [['sessions', 'end', '--store', 'redis://localhost:1'], 'bff sessions can: list, show <handle>, revoke'],
  [['sessions', 'list', '--user', 'a', '--user', 'b'], '--user is given twice.'],
  [['sessions', 'list', '--user', 'a', '--yes'], 'sessions list has no --yes.'],
  [['sessions', 'show', 'handle', '--user', 'a'], 'sessions show has no --user.'],
  [['sessions', 'revoke', 'handle', '--user', 'a'], 'sessions revoke <handle> has no --user.'],
  [['sessions', 'revoke', '--user', 'a', '--active'], 'sessions revoke has no --active.'],
  [['schema', 'sql', 'oracle'], 'bff schema can: sql postgres|mysql|sqlite'],
  [['schema', 'check', '--store', 'redis://localhost:1'], 'Redis has no schema.'],
  [['keygen', 'twice'], 'keygen takes no argument.'],
  [['doctor', 'localhost'], 'Give one origin'],
  [['doctor', 'https://app.example.com/bff'], 'without a path'],
  [['doctor', 'https://user:pw@app.example.com'], 'Give one origin'],
  [['rotate'], '--store is missing.'],
  [['rotate', '--store', 'redis://localhost:1'], 'BFF_ENCRYPTION_KEYS is missing.'],
  [['rotate', 'now', '--store', 'redis://localhost:1'], 'now is too much.'],
  [['bench', '--store', 'redis://localhost:1', '--sessions', '0'], '--sessions must be a whole number'],
  [['bench', '--store', 'redis://localhost:1'], 'BFF_ENCRYPTION_KEYS is missing.'],
  [['dance'], 'No command: dance.'],
  [[], 'Name a command.'],
])('Wrong arguments %j end with 2 and a sentence', async (args, sentence) => {
  const { exitCode, err } = await bffCommand(...args)
  expect(err).toContain(sentence)
  expect(err).toContain('Usage:')
  expect(exitCode).toBe(2)
})

it('Encryption keys that are empty are told from missing ones', async () => {
  process.env['BFF_ENCRYPTION_KEYS'] = ''
  const { exitCode, err } = await bffCommand('rotate', '--store', 'redis://localhost:1')
  expect(err).toContain('BFF_ENCRYPTION_KEYS is empty. Set it to the keys of the app, the newest first')
  expect(exitCode).toBe(2)
})

it('A store that does not answer ends with 1 and its cause, and no password', async () => {
  const address = 'redis://user:hunter2@localhost:1'
  const { exitCode, err } = await bffCommand('sessions', 'list', '--store', address, '--user', 'alice')
  expect(err).toMatch(/^store_unavailable: .*\nCause: .*ECONNREFUSED/)
  expect(err).not.toContain('hunter2')
  expect(exitCode).toBe(1)
})

it('The cause of a database is explained where it is a number', () => {
  const refusal = Object.assign(new Error('28P01 (FATAL)'), { code: '28P01' })
  expect(causesOf(new Error('no', { cause: refusal }))).toBe(
    '28P01 (FATAL): the database refuses this user or password',
  )
  expect(causesOf(new Error('no'))).toBe(null)
})

it('Output that is lost, as on a full disk, ends with 1', async () => {
  const disk = openSync('/dev/full', 'w')
  onTestFinished(() => closeSync(disk))
  const { exitCode, err } = await bffCommandInto(disk, 'schema', 'sql', 'postgres')
  expect(err).toMatch(/^The output could not be written: ENOSPC/)
  expect(exitCode).toBe(1)
})

const NAMES = ['doctor', 'keygen', 'rotate', 'sessions', 'schema', 'bench', 'mint']

it('Help lists every command, and each has its own, also before its arguments are complete', async () => {
  for (const flag of ['--help', '-h']) {
    const { exitCode, out, err } = await bffCommand(flag)
    expect([exitCode, err]).toEqual([0, ''])
    const listed = out.join('\n').matchAll(/^ {2}(\w+) {2,}/gm)
    expect([...listed].map(([, name]) => name)).toEqual(NAMES)
  }
  for (const name of NAMES) {
    const { exitCode, out, err } = await bffCommand(name, '--help')
    expect([exitCode, err]).toEqual([0, ''])
    expect(out[0]).toMatch(new RegExp(`^Usage: bff ${name}\\b`))
  }
  expect((await bffCommand('sessions', 'list', '--help')).out[0]).toContain('bff sessions revoke')
  expect((await bffCommand('help')).out).toEqual((await bffCommand('--help')).out)
  expect((await bffCommand('help', 'mint')).out).toEqual((await bffCommand('mint', '--help')).out)
})

it('Help names only flags that its command knows', async () => {
  let named = 0
  for (const name of NAMES) {
    const { out } = await bffCommand(name, '--help')
    for (const [flag] of out.join('\n').matchAll(/--[a-z-]+/g)) {
      expect((await bffCommand(name, flag)).err).not.toContain('Unknown option')
      named++
    }
  }
  expect(named).toBeGreaterThan(40)
  expect((await bffCommand('rotate', '--dance')).err).toMatch(/^Unknown option '--dance'\.\n\nUsage:/)
})

it('The version is that of the package', async () => {
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))
  expect(await bffCommand('--version')).toMatchObject({ exitCode: 0, out: [version] })
})
