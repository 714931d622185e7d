import { DurableObject, WorkerEntrypoint } from 'cloudflare:workers'
import { createBff, isBffError, type TtlStore } from '@bff/core'
import { DAY, HOUR } from '@bff/store-testkit/fixtures'
import { forLaws } from '@bff/test-support/sql/laws'
import { durableObjectStore, sessionsObject } from '../src/drivers/durable-objects.ts'
import { SQLITE_MIGRATIONS } from '../src/sqlite/migrations.ts'
import { lawWorker } from './law-worker.ts'
import { ServedStores, storesElsewhere } from './other-isolate.ts'

export class Sessions extends sessionsObject(DurableObject) {
  /** Ends the object in memory, as an eviction or a new version of the app does. What it stored stays. */
  restart(): void {
    this.ctx.abort('restart')
  }

  alarmAt(): Promise<number | null> {
    return this.ctx.storage.getAlarm()
  }

  setAlarmAt(at: number): Promise<void> {
    return this.ctx.storage.setAlarm(at)
  }
}

export class Retaining extends sessionsObject(DurableObject, { retainRevokedMs: 30 * DAY }) {
  setAlarmAt(at: number): Promise<void> {
    return this.ctx.storage.setAlarm(at)
  }
}

let statements = 0

/** Restarts after each statement that it has run, before it answers. */
export class Mute extends Sessions {
  override query(...statement: Parameters<Sessions['query']>): ReturnType<Sessions['query']> {
    statements++
    const answer = super.query(...statement)
    this.restart()
    return answer
  }
}

/** An object from before the second migration, with a value in it. */
class Older extends DurableObject<Env> {
  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env)
    const { sql } = ctx.storage
    sql.exec('create table if not exists bff_migrations (number integer primary key)')
    if ([...sql.exec('select 1 from bff_migrations').raw()].length > 0) return
    sql.exec(SQLITE_MIGRATIONS[0] ?? '')
    sql.exec('insert into bff_migrations values (0)')
    sql.exec("insert into bff_ttl values ('key', 'kept', 0)")
  }
}
export class Upgraded extends sessionsObject(Older) {}

interface Env {
  readonly SESSIONS: DurableObjectNamespace<Sessions>
  readonly MUTE: DurableObjectNamespace<Mute>
  readonly OTHER: Service<Other>
}

/** The second client, in an isolate and with stubs of its own. */
export class Other extends WorkerEntrypoint<Env> {
  open(name: string): ServedStores {
    const namespace = this.env.SESSIONS
    return new ServedStores((clock) => durableObjectStore({ namespace, name, clock }))
  }
}

const codesOf = (error: unknown) =>
  isBffError(error) ? [error.code, (error.cause as { code?: unknown } | undefined)?.code] : String(error)

async function storeAll({ ttl }: { ttl: TtlStore }, keys: readonly string[]) {
  const told = keys.map((key) => ttl.set(key, 'value', HOUR).then(() => 'stored', codesOf))
  return Promise.all(told)
}

/** What is told and found of writes before, and during, a restart of the object. */
async function restart({ SESSIONS }: Env) {
  const stores = durableObjectStore({ namespace: SESSIONS, name: 'restarted' })
  const keys = Array.from({ length: 30 }, (_, index) => `key ${index}`)
  const before = await storeAll(stores, keys.slice(0, 10))
  const during = storeAll(stores, keys.slice(10))
  await SESSIONS.get(SESSIONS.idFromName('restarted'))
    .restart()
    .catch(() => {})
  const told = [...before, ...(await during)]
  const found = await Promise.all(keys.map((key) => stores.ttl.get(key)))
  return told.map((told, index) => ({ told, found: found[index] }))
}

/** What a call is told whose answer is lost, and how many statements ran for it. */
async function mute({ MUTE }: Env) {
  const [told] = await storeAll(durableObjectStore({ namespace: MUTE }), ['key'])
  return { told, statements }
}

/** What a call is told that the app's own trigger refuses, and all that its error says. */
async function refuse({ SESSIONS }: Env) {
  const name = 'refused'
  await SESSIONS.get(SESSIONS.idFromName(name)).query(
    "create trigger refuse before insert on bff_ttl begin select raise(abort, 'the-secret'); end",
    [],
  )
  const { ttl } = durableObjectStore({ namespace: SESSIONS, name })
  const error: unknown = await ttl.set('key', 'value', HOUR).catch((error) => error)
  const { message, cause } = error as Error
  return { told: codesOf(error), said: `${message} ${cause}` }
}

const makeBff = ({ SESSIONS }: Env) =>
  createBff({
    origin: 'https://app.example.com',
    store: durableObjectStore({ namespace: SESSIONS, name: 'app' }),
    encryptionKeys: ['k'.repeat(43)],
    onEvent: () => {},
  })
/** One for all requests that reach the isolate, as an app has it. */
let bff: ReturnType<typeof makeBff> | undefined
const bffOf = (env: Env) => {
  bff ??= makeBff(env)
  return bff
}

/** The cookie of a session. */
async function signIn(env: Env) {
  return (await bffOf(env).sessions.create({ userId: 'alice' })).cookie
}

const scenes: Readonly<Record<string, (env: Env) => Promise<unknown>>> = { restart, mute, refuse, signIn }
const laws = lawWorker(async ({ SESSIONS: namespace, OTHER }: Env) => {
  const name = crypto.randomUUID()
  const other = await OTHER.open(name)
  return forLaws({
    open: (clock) => durableObjectStore({ namespace, name, clock }),
    openAnother: (clock) => storesElsewhere(other, clock),
    behind: durableObjectStore({ namespace, name }),
    close: async () => other[Symbol.dispose](),
  })
})

export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    const { pathname } = new URL(request.url)
    if (pathname.startsWith('/bff/')) return bffOf(env).fetch(request)
    const scene = scenes[pathname.slice(1)]
    return scene === undefined ? laws.fetch(request, env) : Response.json(await scene(env))
  },
}
