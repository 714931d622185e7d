import { createBff, createEncryptor, generateEncryptionKey, type SessionRecord, type Stores } from '@bff/core'
import { encryptionKeyId } from '@bff/core/key-rotation'
import { startPostgres, startRedis } from '@bff/servers'
import { redisStore } from '@bff/store-redis'
import { postgresStore } from '@bff/store-sql/postgres'
import postgres from 'postgres'
import { afterEach, expect, it, onTestFinished, vi } from 'vitest'
import { bffCommand, startCommand } from './command.ts'
import { rotatingProvider } from './rotating-provider.ts'
import { cookieOf, requestWith, startTraffic, type User } from './traffic.ts'

/** `BFF_ROTATE=100000` measures: see docs/operate/keys.md. */
const SESSIONS = Number(process.env['BFF_ROTATE'] ?? 400)
const IS_MEASURED = process.env['BFF_ROTATE'] !== undefined
const LIMIT_MS = IS_MEASURED ? 3_600_000 : 240_000

afterEach(() => vi.unstubAllEnvs())

const BACKENDS = [
  {
    name: 'Redis',
    async start() {
      const server = await startRedis()
      return { ...server, open: () => redisStore({ url: server.url, operationTimeoutMs: 30_000 }) }
    },
  },
  {
    name: 'Postgres',
    async start() {
      const server = await startPostgres()
      const { out } = await bffCommand('schema', 'sql', 'postgres')
      const sql = postgres(server.url, { max: 1, onnotice: () => {} })
      await sql.unsafe(out.join('\n').replaceAll('--> statement-breakpoint', ''))
      await sql.end()
      return { ...server, open: () => postgresStore({ url: server.url, operationTimeoutMs: 30_000 }) }
    },
  },
]

it.each(BACKENDS)(
  'On $name, sessions are sealed again under load, by runs that are stopped and run at once, and nobody is signed out or back in',
  async ({ name, start }) => {
    const server = await start()
    onTestFinished(() => server.stop())
    const [OLD, NEW] = [generateEncryptionKey(), generateEncryptionKey()]
    const idp = rotatingProvider()
    const deploy = (encryptionKeys: string[], touchShare = 0.1) => {
      const store: Stores = server.open()
      const bff = createBff({
        ...{ origin: 'http://localhost', store, encryptionKeys, provider: idp.provider },
        session: { touchShare },
        onEvent: () => {},
      })
      onTestFinished(() => bff.close())
      return { bff, store }
    }
    const users = await signInAll(deploy([OLD]).bff, idp)

    // Step 2 of the rotation: both processes seal with the new key. One of them writes every use down.
    const [first, second] = [deploy([NEW, OLD]), deploy([NEW, OLD], 0)]
    const traffic = startTraffic([first.bff, second.bff], users)
    await traffic.after(100)
    const rotate = () => startCommand([NEW, OLD], 'rotate', '--store', server.url, '--json')
    const check = () => bffCommand('rotate', '--check', '--store', server.url, '--json')
    const began = performance.now()
    const stopped = rotate()
    await stopped.firstLine
    stopped.interrupt()
    const ends = [await stopped.end(), ...(await Promise.all([rotate(), rotate()].map((one) => one.end())))]
    const seconds = (performance.now() - began) / 1000
    const { calls, errors, turns } = await traffic.stop()

    expect(errors).toEqual([])
    for (const count of Object.values(calls)) expect(count).toBeGreaterThan(0)
    expect(idp.refreshes()).toBeGreaterThan(0)
    for (const { exitCode, json } of ends) expect(exitCode).toBe(json().isComplete ? 0 : 1)
    expect(ends.slice(1).map(({ exitCode }) => exitCode)).toEqual([0, 0])
    const resealed = ends.map(({ json }) => json().resealed)

    const records = await all(first.store)
    const active = records.filter(({ revocation }) => revocation === null)
    expect(active).toHaveLength(users.filter(({ state }) => state === 'signed in').length)
    const oldId = await encryptionKeyId(OLD)
    expect(sealsOf(records).filter((id) => id === oldId)).toEqual([])
    const waiting = active.filter(({ secretHash }) => secretHash.startsWith(`${oldId}.`))
    vi.stubEnv('BFF_ENCRYPTION_KEYS', `${NEW},${OLD}`)
    expect((await check()).json().olderKeys).toMatchObject(
      waiting.length === 0 ? [] : [{ id: oldId, sessions: waiting.length }],
    )

    // Each is used once more, and the old key goes.
    await expectAll(users, second.bff)
    expect((await check()).exitCode).toBe(0)
    await expectAll(users, deploy([NEW]).bff)
    const opened = createEncryptor({ keys: [NEW] })
    for (const { handle, refreshTokenEncrypted } of active.slice(0, 100))
      if (refreshTokenEncrypted !== null)
        await opened.decrypt(refreshTokenEncrypted, { recordId: handle, field: 'refreshToken' })

    if (IS_MEASURED)
      console.log(
        JSON.stringify({
          ...{ name, sessions: SESSIONS, resealed, seconds: Math.round(seconds) },
          runs: ends.map(({ json }) => [json().sessions, json().milliseconds]),
          ...{ calls, callsPerSecond: Math.round(turns / seconds), errors: errors.length },
        }),
      )
  },
  LIMIT_MS,
)

async function signInAll(
  { sessions }: ReturnType<typeof createBff>,
  idp: ReturnType<typeof rotatingProvider>,
): Promise<User[]> {
  const users = Array.from(
    { length: SESSIONS },
    (_, index): User => ({ userId: `user${index}`, cookie: '', state: 'signed in' }),
  )
  const queue = users.values()
  const signIn = async () => {
    for (const user of queue) {
      const { userId } = user
      const made = { userId, subject: userId, issuer: 'https://id.example.com', claims: { name: userId } }
      const { cookie } = await sessions.create({ ...made, tokens: idp.tokens(userId) })
      user.cookie = cookieOf(cookie)
    }
  }
  await Promise.all(Array.from({ length: 16 }, signIn))
  return users
}

async function all({ sessions }: Stores): Promise<SessionRecord[]> {
  const records: SessionRecord[] = []
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const page = await sessions.list(
      { owner: 'any' },
      { limit: 1000, ...(cursor !== undefined && { cursor }) },
    )
    records.push(...page.records)
    cursor = page.next
  }
  return records
}

/** The ids of the keys in the heads of all envelopes. */
const sealsOf = (records: readonly SessionRecord[]): readonly string[] =>
  records.flatMap(({ accessTokenEncrypted, refreshTokenEncrypted, claimsEncrypted }) =>
    [accessTokenEncrypted, refreshTokenEncrypted, claimsEncrypted].flatMap((envelope) =>
      envelope === null ? [] : [String.fromCharCode(...envelope.subarray(2, 10))],
    ),
  )

/** Everyone who did not sign out is signed in as themselves, and nobody else. */
async function expectAll(users: readonly User[], bff: ReturnType<typeof createBff>): Promise<void> {
  const wrong: string[] = []
  const queue = users.values()
  const look = async () => {
    for (const { userId, cookie, state } of queue) {
      const found = (await bff.getSession(requestWith(cookie)))?.userId ?? null
      if (found !== (state === 'signed in' ? userId : null)) wrong.push(`${userId} (${state}) is ${found}`)
    }
  }
  await Promise.all(Array.from({ length: 16 }, look))
  expect(wrong).toEqual([])
}
