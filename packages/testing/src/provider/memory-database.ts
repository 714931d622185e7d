import type { Adapter, AdapterPayload } from 'oidc-provider'

interface Row {
  readonly payload: AdapterPayload
  /** Milliseconds since the epoch. */
  readonly expiresAt: number
}

const SWEEP_EVERY = 1_000

/** Everything the provider remembers, in memory; gone with the process. */
export interface MemoryDatabase {
  adapter(model: string): Adapter
  /** Live rows of one model about one user. */
  rowsOf(model: string, accountId: string): AdapterPayload[]
  /** Removes a grant and all that was issued under it. */
  revokeGrant(grantId: string): void
  destroy(model: string, id: string): void
}

/**
 * Unlike the library's own, this store holds any number of rows and knows whose they are.
 *
 * @param reuseGrace seconds in which a used refresh token still looks unused
 * @param onGrace called each time that it mattered
 */
export function createMemoryDatabase(reuseGrace = 0, onGrace: () => void = () => {}): MemoryDatabase {
  const rows = new Map<string, Row>()
  const keysByGrant = new Map<string, Set<string>>()
  const sessionIdByUid = new Map<string, string>()
  let writes = 0

  const read = (key: string): AdapterPayload | undefined => {
    const row = rows.get(key)
    if (row === undefined) return undefined
    if (row.expiresAt > Date.now()) return row.payload
    remove(key)
    return undefined
  }

  const remove = (key: string): void => {
    const payload = rows.get(key)?.payload
    rows.delete(key)
    if (payload?.uid !== undefined) sessionIdByUid.delete(payload.uid)
    if (payload?.grantId === undefined) return
    const members = keysByGrant.get(payload.grantId)
    members?.delete(key)
    if (members?.size === 0) keysByGrant.delete(payload.grantId)
  }

  const sweep = (): void => {
    const now = Date.now()
    for (const [key, row] of rows) {
      if (row.expiresAt <= now) remove(key)
    }
  }

  const revokeMembers = (grantId: string): void => {
    for (const key of [...(keysByGrant.get(grantId) ?? [])]) remove(key)
  }

  const revokeGrant = (grantId: string): void => {
    revokeMembers(grantId)
    remove(`Grant:${grantId}`)
  }

  const write = (model: string, id: string, payload: AdapterPayload, expiresIn: number | undefined): void => {
    const key = `${model}:${id}`
    remove(key)
    const expiresAt = expiresIn === undefined ? Number.POSITIVE_INFINITY : Date.now() + expiresIn * 1000
    rows.set(key, { payload, expiresAt })
    if (model === 'Session' && payload.uid !== undefined) sessionIdByUid.set(payload.uid, id)
    if (payload.grantId !== undefined) {
      const members = keysByGrant.get(payload.grantId) ?? new Set()
      keysByGrant.set(payload.grantId, members.add(key))
    }
    writes += 1
    if (writes % SWEEP_EVERY === 0) sweep()
  }

  const consume = (key: string): void => {
    const payload = read(key)
    if (payload !== undefined) payload.consumed = Math.floor(Date.now() / 1000)
  }

  const isInGrace = (model: string, consumed: unknown): boolean =>
    model === 'RefreshToken' && typeof consumed === 'number' && Date.now() / 1000 - consumed < reuseGrace

  const find = (model: string, id: string): AdapterPayload | undefined => {
    const found = copy(read(`${model}:${id}`))
    if (found === undefined || !isInGrace(model, found.consumed)) return found
    onGrace()
    const { consumed, ...unused } = found
    return unused
  }

  return {
    adapter: (model) => ({
      upsert: async (id, payload, expiresIn) => write(model, id, { ...payload }, expiresIn),
      find: async (id) => find(model, id),
      findByUid: async (uid) => copy(read(`${model}:${sessionIdByUid.get(uid)}`)),
      findByUserCode: async () => undefined,
      consume: async (id) => consume(`${model}:${id}`),
      destroy: async (id) => remove(`${model}:${id}`),
      revokeByGrantId: async (grantId) => revokeMembers(grantId),
    }),
    rowsOf: (model, accountId) => {
      sweep()
      return [...rows]
        .filter(([key, row]) => key.startsWith(`${model}:`) && row.payload.accountId === accountId)
        .map(([, row]) => row.payload)
    },
    revokeGrant,
    destroy: (model, id) => remove(`${model}:${id}`),
  }
}

const copy = (payload: AdapterPayload | undefined): AdapterPayload | undefined =>
  payload === undefined ? undefined : { ...payload }
