import { createBff, type SessionHandle } from '@bff/core'
import { sessionCache } from '@bff/core/store'
import { redisStore } from '../src/index.ts'

/** What the test asks one of several processes to do. */
export type Order =
  | { readonly what: 'sign in' }
  | { readonly what: 'end'; readonly handle: SessionHandle }
  /** Asks for the session until it is gone, and for some time after that. */
  | { readonly what: 'watch'; readonly cookie: string; readonly forMs: number }
  | { readonly what: 'ask'; readonly cookie: string; readonly times: number }

/** Times of day: all processes run on one machine. */
export interface Watched {
  /** When the last request began that was let in. */
  readonly lastIn: number
  /** When the first request began that was refused. */
  readonly firstOut: number
}

const [url = '', encryptionKey = ''] = process.argv.slice(2)
const ORIGIN = 'https://app.example.com'
const events: string[] = []
const bff = createBff({
  origin: ORIGIN,
  store: redisStore({ url, operationTimeoutMs: 10_000 }),
  encryptionKeys: [encryptionKey],
  onEvent: ({ type }) => events.push(type),
  cache: sessionCache(),
})

async function isIn(cookie: string): Promise<boolean> {
  const view = {
    method: 'GET',
    remoteAddress: undefined,
    target: '/orders',
    header: (name: string) => (name === 'cookie' ? cookie : undefined),
    headers: () => [['cookie', cookie]] as const,
    body: () => undefined,
    signal: new AbortController().signal,
  }
  return (await bff.getSession(view)) !== null
}

async function obey(order: Order): Promise<unknown> {
  if (order.what === 'sign in') {
    const { session, cookie } = await bff.sessions.create({ userId: 'alice' })
    return { handle: session.handle, cookie: cookie.split(';', 1)[0] }
  }
  if (order.what === 'end') {
    await bff.sessions.revoke(order.handle)
    return Date.now()
  }
  if (order.what === 'ask') {
    for (let time = 0; time < order.times; time++) await isIn(order.cookie)
    return events.filter((type) => type.startsWith('cache.')).at(-1) ?? null
  }
  let [lastIn, firstOut] = [0, 0]
  while (firstOut === 0 || Date.now() - firstOut < order.forMs) {
    const began = Date.now()
    if (await isIn(order.cookie)) lastIn = began
    else firstOut ||= began
  }
  return { lastIn, firstOut } satisfies Watched
}

process.on('message', (order: Order) => {
  void obey(order).then((answer) => process.send?.(answer))
})
process.on('disconnect', () => process.exit())
process.send?.('ready')
