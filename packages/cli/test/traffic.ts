import { type Bff, isBffError, type RequestView, type Session } from '@bff/core'

export interface User {
  readonly userId: string
  cookie: string
  state: 'signed in' | 'busy' | 'signed out'
}

const OPERATIONS = ['use', 'tokens', 'refresh', 'rotate', 'update', 'sign out'] as const
type Operation = (typeof OPERATIONS)[number]

/** How often each operation comes, of a hundred. */
const SHARES: Readonly<Record<Operation, number>> = {
  use: 60,
  tokens: 20,
  refresh: 8,
  rotate: 5,
  update: 5,
  'sign out': 2,
}
const DRAWN = OPERATIONS.flatMap((operation) => Array<Operation>(SHARES[operation]).fill(operation))

/** Makes a request of a page with this cookie. */
export const requestWith = (cookie: string): RequestView => ({
  method: 'GET',
  target: '/',
  remoteAddress: '127.0.0.1',
  header: (name) => (name === 'cookie' ? cookie : undefined),
  headers: () => [['cookie', cookie]],
  body: () => undefined,
  signal: new AbortController().signal,
})

/** The `Cookie` header of a `Set-Cookie` value. */
export const cookieOf = (setCookie: string): string => setCookie.slice(0, setCookie.indexOf(';'))

/** Uses sessions in all ways at once, as the processes of an app do, until it is stopped. Collects whatever went wrong. */
export function startTraffic(bffs: readonly Bff[], users: readonly User[], clients = 8) {
  const calls: Record<Operation, number> = {
    use: 0,
    tokens: 0,
    refresh: 0,
    rotate: 0,
    update: 0,
    'sign out': 0,
  }
  const errors: string[] = []
  // Each once, however short the run is.
  const first = [...OPERATIONS]
  let isStopped = false
  let turns = 0
  let [awaited, arrived]: [number, () => void] = [Number.POSITIVE_INFINITY, () => {}]

  async function client(): Promise<void> {
    while (!isStopped) {
      const user = pick(users)
      if (user.state === 'busy') continue
      const operation = first.shift() ?? pick(DRAWN)
      const before = user.state
      user.state = 'busy'
      try {
        user.state = await act(operation, user, before)
        calls[operation]++
      } catch (error) {
        user.state = before
        errors.push(`${operation} of ${user.userId}: ${isBffError(error) ? error.code : error}`)
      }
      if (++turns >= awaited) arrived()
      // The commands' output and signals have their turn too.
      await new Promise(setImmediate)
    }
  }

  async function act(operation: Operation, user: User, before: User['state']): Promise<User['state']> {
    const bff = pick(bffs)
    const session = await bff.getSession(requestWith(user.cookie))
    if (before === 'signed out') {
      if (session !== null) throw new Error('signed out, and back again')
      return before
    }
    if (session === null) throw new Error('lost its session')
    if (session.userId !== user.userId) throw new Error(`is ${session.userId}`)
    return change(operation, user, session, bff)
  }

  async function change(
    operation: Operation,
    user: User,
    session: Session,
    bff: Bff,
  ): Promise<User['state']> {
    if (operation === 'tokens') {
      const tokens = await session.tokens()
      if (!tokens?.accessToken.startsWith(`access-${user.userId}-`)) throw new Error('has no token')
    }
    if (operation === 'refresh' && (await bff.refresh(session)) === null) throw new Error('lost in a refresh')
    if (operation === 'update') await bff.sessions.update(session, { metadata: { seen: Date.now() } })
    if (operation === 'rotate') {
      const issued = await bff.sessions.rotate(session)
      if (issued === null) throw new Error('lost in a rotation')
      user.cookie = cookieOf(issued.cookie)
    }
    if (operation !== 'sign out') return 'signed in'
    await bff.sessions.revoke(session.handle, { reasonCode: 'logout', actorType: 'user' })
    return 'signed out'
  }

  const clientsRunning = Promise.all(Array.from({ length: clients }, client))
  return {
    /** Resolves after this many calls more. */
    async after(more: number): Promise<void> {
      await new Promise<void>((resolve) => {
        ;[awaited, arrived] = [turns + more, resolve]
      })
    },
    async stop() {
      isStopped = true
      await clientsRunning
      return { calls, errors, turns }
    },
  }
}

const pick = <Item>(items: readonly Item[]): Item => {
  const item = items[Math.floor(Math.random() * items.length)]
  if (item === undefined) throw new Error('There is nothing to choose from.')
  return item
}
