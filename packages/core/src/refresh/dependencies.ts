import type { Clock } from '../clock.ts'
import type { RefreshOptions } from '../config.ts'
import type { Encryptor } from '../crypto/encryptor.ts'
import type { Emit } from '../events.ts'
import type { IdentityProvider } from '../provider/identity-provider.ts'
import type { SessionEnding } from '../session/ending.ts'
import type { SessionRecord } from '../session/model.ts'
import type { TokenRevocation } from '../session/token-revocation.ts'
import type { SessionStore } from '../store/session-store.ts'
import type { TtlStore } from '../store/ttl-store.ts'
import type { UnderWay } from '../under-way.ts'

/** What refreshing tokens takes. */
export interface RefresherDependencies {
  readonly sessions: SessionStore
  readonly ttl: TtlStore
  readonly provider: IdentityProvider
  readonly ending: SessionEnding
  readonly revocation: Pick<TokenRevocation, 'revoke'>
  readonly encryptor: Encryptor
  readonly clock: Clock
  readonly emit: Emit
  readonly underWay: UnderWay
  readonly options: Required<RefreshOptions>
  /** Told once for every refresh that was stored here; must not throw. @default nobody */
  readonly onRefreshed?: (record: SessionRecord) => void
}
