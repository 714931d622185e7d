// Loaded before a clock is wound: its first load takes turns of its own.
import '../../src/refresh/refreshed-patch.ts'
import { type ManualClock, manualClock } from '@bff/test-support/clock'
import { memoryStore } from '../../../store-memory/src/index.ts'
import type { Encryptor } from '../../src/contracts/encryptor.ts'
import type { BffEventDetail, Emit } from '../../src/contracts/events.ts'
import type {
  ApiTokenRequest,
  IdentityProvider,
  RefreshRequest,
  RevocationRequest,
  TokenSet,
} from '../../src/contracts/identity-provider.ts'
import type { SessionIdentity, SessionRecord, SessionTokens } from '../../src/contracts/session.ts'
import { ABSENT } from '../../src/contracts/session-fields.ts'
import type { SessionStore } from '../../src/contracts/session-store.ts'
import { BffError } from '../../src/internal/bff-error.ts'
import { createEncryptor, generateEncryptionKey } from '../../src/internal/crypto/create-encryptor.ts'
import { createUnderWay } from '../../src/internal/under-way.ts'
import { createApiTokens } from '../../src/refresh/api-tokens.ts'
import type { RefresherDependencies } from '../../src/refresh/dependencies.ts'
import { createRefresher } from '../../src/refresh/refresher.ts'
import { createLogoutMarks } from '../../src/revocation/logout-marks.ts'
import { createSessionRevocation } from '../../src/revocation/session-revocation.ts'
import { createTokenRevocation } from '../../src/revocation/token-revocation.ts'
import { generateSessionId, parseSessionId } from '../../src/session/id.ts'
import { openIdentity, openTokens, sealIdentity, sealTokens } from '../../src/session/seal.ts'

export const HOUR = 3_600_000
export const LIFE_MS = HOUR
export const OPTIONS = { thresholdMs: 300_000, defaultTokenLifeMs: 300_000, leaseMs: 30_000, waitMs: 10_000 }

const answer = (number: number, overrides: Partial<TokenSet> = {}): TokenSet => ({
  accessToken: `at-${number}`,
  expiresIn: LIFE_MS / 1000,
  refreshToken: `rt-${number}`,
  refreshTokenExpiresIn: null,
  idToken: null,
  scope: null,
  dpopKeyPair: null,
  claims: null,
  ...overrides,
})

/** A provider that rotates refresh tokens and rejects a used one, unless a test scripts the next answers. */
export class FakeProvider implements IdentityProvider {
  readonly calls: RefreshRequest[] = []
  readonly revoked: RevocationRequest[] = []
  /** Taken from the front, one a call, instead of rotating. */
  readonly script: Array<(request: RefreshRequest, fresh: TokenSet) => TokenSet | Promise<TokenSet>> = []
  readonly #used = new Set<string>()
  readonly #clock: ManualClock
  readonly #latencyMs: () => number
  #issued = 1

  constructor(clock: ManualClock, latencyMs: () => number = () => 20) {
    this.#clock = clock
    this.#latencyMs = latencyMs
  }

  async refresh(request: RefreshRequest): Promise<TokenSet> {
    this.calls.push(request)
    await this.#clock.sleep(this.#latencyMs())
    const scripted = this.script.shift()
    if (scripted) return scripted(request, answer(++this.#issued))
    if (this.#used.has(request.refreshToken)) throw new BffError('refresh_rejected')
    this.#used.add(request.refreshToken)
    const fresh = answer(++this.#issued)
    await this.#clock.sleep(this.#latencyMs())
    return fresh
  }
  /** As a refresh, with a token that names the API. */
  async apiToken({ target, ...request }: ApiTokenRequest): Promise<TokenSet> {
    const tokens = await this.refresh(request)
    return { ...tokens, accessToken: `${target.resource ?? target.scope}-${tokens.accessToken}` }
  }
  async revoke({ signal: _, ...request }: RevocationRequest): Promise<void> {
    this.revoked.push(request)
  }
  isMaker(): boolean {
    return true
  }
  sharesGrants(): boolean {
    return true
  }
  authorize = unused
  exchange = unused
  verifyLogoutToken = unused
  async endSessionUrl(): Promise<null> {
    return null
  }
}

async function unused(): Promise<never> {
  throw new Error('A refresh does not call this.')
}

export interface SessionSeed {
  readonly tokens?: Partial<SessionTokens>
  readonly identity?: Partial<SessionIdentity>
  readonly record?: Partial<SessionRecord>
}

export function harness({ latencyMs = (): number => 20, keys = [generateEncryptionKey()] } = {}) {
  const clock = manualClock()
  const stores = memoryStore({ clock })
  const provider = new FakeProvider(clock, latencyMs)
  const encryptor: Encryptor = createEncryptor({ keys })
  const events: BffEventDetail[] = []
  const emit: Emit = (event) => events.push(event)
  const store = stores.sessions
  const tokenRevocation = createTokenRevocation({ store, provider, policy: 'always', clock, emit })
  const marks = createLogoutMarks(stores.ttl, clock, 600_000)
  const dependencies: RefresherDependencies = {
    sessions: store,
    ttl: stores.ttl,
    provider,
    sessionRevocation: createSessionRevocation({ store, encryptor, tokenRevocation, marks, clock, emit }),
    tokenRevocation,
    encryptor,
    clock,
    emit,
    options: { ...OPTIONS, maxAuthenticationAgeMs: 0 },
    underWay: createUnderWay(clock),
  }

  return {
    clock,
    stores,
    provider,
    encryptor,
    events,
    typesOfEvents: () => events.map((event) => event.type),
    /** A refresher of its own process: it shares nothing with others but the stores. */
    process: (overrides: Partial<RefresherDependencies> = {}) =>
      createRefresher({ ...dependencies, ...overrides }),

    /** The tokens for further APIs of a process of its own. */
    apiTokens: (overrides: Partial<RefresherDependencies> = {}) =>
      createApiTokens({ ...dependencies, ...overrides }),

    /** A session signed in just now, its access token living an hour. */
    async signIn({ tokens, identity, record }: SessionSeed = {}): Promise<SessionRecord> {
      const parsed = parseSessionId(generateSessionId())
      if (parsed === null) throw new Error('A generated id parses.')
      const { handle } = parsed
      const now = clock.now()
      const session: SessionRecord = {
        ...ABSENT,
        handle,
        version: 1,
        secretHash: 'hash',
        userId: 'alice',
        issuer: 'https://idp.example.com',
        ...(await sealTokens(encryptor, handle, {
          accessToken: 'at-1',
          refreshToken: 'rt-1',
          idToken: 'id-1',
          dpopKeyPair: null,
          ...tokens,
        })),
        claimsEncrypted: await sealIdentity(encryptor, handle, {
          claims: { sub: 'alice', name: 'Alice' },
          scope: 'openid orders',
          sessionState: 'state-1',
          ...identity,
        }),
        accessTokenIssuedAt: now,
        accessTokenExpiresAt: now + LIFE_MS,
        metadata: {},
        createdAt: now,
        updatedAt: now,
        lastAccessedAt: now,
        expiresAt: now + 8 * HOUR,
        absoluteExpiresAt: now + 168 * HOUR,
        ...record,
      }
      await stores.sessions.create(session)
      return session
    },
    tokensOf: (record: SessionRecord | null) => record && openTokens(encryptor, record),
    identityOf: (record: SessionRecord) => openIdentity(encryptor, record),
    stored: (record: SessionRecord) => stores.sessions.get(record.handle),
    logOut: (record: SessionRecord) =>
      stores.sessions.revoke(record.handle, {
        at: clock.now(),
        reasonCode: 'logout',
        actorType: 'user',
        actorId: null,
      }),
  }
}

/** The store with some of its methods replaced. */
export function withMethods<T extends SessionStore | RefresherDependencies['ttl']>(
  store: T,
  methods: Partial<T>,
): T {
  return new Proxy(store, {
    get(target, name) {
      const method = Reflect.get(methods, name) ?? Reflect.get(target, name)
      return typeof method === 'function' ? method.bind(target) : method
    },
  })
}

export const outage = async (): Promise<never> => {
  throw new BffError('store_unavailable')
}
