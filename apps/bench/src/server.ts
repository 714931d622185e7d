import { FRAMEWORKS, type Framework, type Order, type Ready, type Surroundings } from './protocol.ts'
import { bffFor, cookieOf, type Measured, openStore, type StoreKind, stepClock } from './servers/bff.ts'
import { ROUTES } from './servers/guarded.ts'
import { PEERS } from './servers/peers.ts'
import { listen } from './servers/serve.ts'
import { signOutEverywhere } from './servers/sign-out.ts'

async function serverOf(name: string, surroundings: Surroundings): Promise<Measured> {
  const peer = PEERS[name]
  if (peer !== undefined) return peer(surroundings)
  const bare = FRAMEWORKS.find((one) => name === `bare ${one}`)
  if (bare !== undefined) return { app: await ROUTES[bare](null), cookie: '' }
  const [, framework, kind, cached] = /^bff (\w+), (memory|Redis|SQLite|Postgres)(, cache)?$/.exec(name) ?? []
  if (framework === undefined) return relayOf(name, surroundings.api ?? '')
  return guarded(framework as Framework, kind as StoreKind, cached !== undefined, surroundings)
}

async function relayOf(name: string, target: string): Promise<Measured> {
  const { api, RELAYS } = await import('./servers/relays.ts')
  if (name === 'api') return { app: api(), cookie: '' }
  const relay = RELAYS[name]
  if (relay === undefined) throw new Error(`There is no server named ${name}.`)
  return relay(target)
}

async function guarded(
  framework: Framework,
  kind: StoreKind,
  isCached: boolean,
  surroundings: Surroundings,
): Promise<Measured> {
  const bff = bffFor({ ...surroundings, store: await openStore(kind, surroundings), isCached })
  return {
    app: await ROUTES[framework](bff),
    cookie: await cookieOf(bff),
    bff,
    ...(surroundings.provider !== undefined && { login: '/bff/login' }),
  }
}

async function signIn(origin: string): Promise<string> {
  const response = await fetch(`${origin}/sign-in`)
  await response.text()
  return response.headers
    .getSetCookie()
    .map((cookie) => cookie.split(';', 1)[0])
    .join('; ')
}

const [name = '', surroundings = '{}'] = process.argv.slice(2)
const { app, cookie, login = null, bff } = await serverOf(name, JSON.parse(surroundings))
const origin = await listen(app)

async function answerOf(order: Order): Promise<object> {
  if (order === 'usage') return process.cpuUsage()
  if (order === 'sqlite') return (await import('./servers/sqlite-calls.ts')).sqliteCalls()
  if ('stepClockMs' in order) {
    stepClock(order.stepClockMs)
    return {}
  }
  if (bff === undefined) throw new Error(`${name} ends no sessions.`)
  return signOutEverywhere(bff, order.signOutEverywhere)
}

process.on('message', async (order: Order) => void process.send?.(await answerOf(order)))
// A parent that ends in any way ends its servers; leaving this way writes a profile that was asked for.
process.on('disconnect', () => process.exit())
const signedIn = cookie ?? (login === null ? await signIn(origin) : null)
process.send?.({ origin, cookie: signedIn, login } satisfies Ready)
