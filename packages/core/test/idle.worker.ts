import { EventEmitter, once } from 'node:events'
import { memoryStore } from '../../store-memory/src/index.ts'
import { BffError, createBff, generateEncryptionKey, systemClock } from '../src/index.ts'
import { createUnderWay } from '../src/internal/under-way.ts'
import { createSessionWatch } from '../src/proxy/session-watch.ts'
import { createLeases } from '../src/refresh/lease.ts'
import { withCleanup } from '../src/store/index.ts'
import { ScriptedProvider } from './world.ts'

const [part, how] = process.argv.slice(2)
const memory = memoryStore()
const store = part === 'cleanup' ? withCleanup(memory) : memory

class AbsentProvider extends ScriptedProvider {
  readonly requests = new EventEmitter()
  /** One that is shared would be revoked only after a while. */
  override sharesGrants(): boolean {
    return false
  }
  override async revoke(): Promise<void> {
    this.requests.emit('revoke')
    throw new BffError('provider_unavailable')
  }
}

const provider = new AbsentProvider()
const bff = createBff({
  origin: 'https://app.example.com',
  store,
  provider,
  encryptionKeys: [generateEncryptionKey()],
  onEvent: () => {},
})
const { session } = await bff.sessions.create({
  userId: 'alice',
  issuer: 'https://idp.example.com',
  tokens: { accessToken: 'access', refreshToken: 'refresh' },
})

if (part === 'revocation') {
  const asked = once(provider.requests, 'revoke')
  await bff.sessions.revoke(session.handle)
  await asked
}
if (part === 'watch')
  createSessionWatch({ stores: store, clock: systemClock, emit: () => {} }).watch(session, () => {})
if (part === 'lease') {
  const unavailable = async () => {
    throw new BffError('store_unavailable')
  }
  const ttl = { ...memory.ttl, setIfAbsent: unavailable, compareAndDelete: unavailable }
  const leases = createLeases({ ttl, clock: systemClock, underWay: createUnderWay(systemClock) })
  await leases.hold('key', 10_000, async () => {}).catch(() => {})
}
if (how === 'closed') await bff.close()
const began = performance.now()
process.once('exit', () => process.stdout.write(String(Math.round(performance.now() - began))))
