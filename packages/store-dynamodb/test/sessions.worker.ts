import { systemClock } from '@bff/core'
import { handle, session } from '@bff/store-testkit/fixtures'
import { dynamodbStore } from '../src/index.ts'
import { PLACE } from './harness.ts'

interface Env {
  readonly ENDPOINT: string
  readonly TABLE: string
}

let store: ReturnType<typeof dynamodbStore> | undefined

/** A Worker with one store for all of its requests. */
export default {
  async fetch(request: Request, { ENDPOINT, TABLE }: Env): Promise<Response> {
    store ??= dynamodbStore({ ...PLACE, endpoint: ENDPOINT, table: TABLE, operationTimeoutMs: 30_000 })
    const { sessions } = store
    const at = systemClock.now()
    const id = handle('worker')
    const command = new URL(request.url).pathname.slice(1)
    if (command === 'create') await sessions.create(session(at, { handle: id }), { maxPerUser: 1 })
    if (command === 'revoke')
      await sessions.revoke(id, { reasonCode: 'admin', actorType: 'admin', actorId: null, at })
    const record = await sessions.get(id)
    return new Response(record?.revocation === null ? 'active' : 'ended')
  },
}
