import type { Emit } from '../contracts/events.ts'
import type { IdentityProvider } from '../contracts/identity-provider.ts'
import type { SessionRecord } from '../contracts/session.ts'
import type { SessionRevocation } from '../contracts/session-revocation.ts'
import type { SessionStore } from '../contracts/session-store.ts'
import type { TokenRevocation } from '../contracts/token-revocation.ts'
import type { TtlStore } from '../contracts/ttl-store.ts'
import type { UnderWay } from '../internal/under-way.ts'
import type { PatchDependencies } from './refreshed-patch.ts'

/** What the refresher needs. */
export interface RefresherDependencies extends PatchDependencies {
  readonly sessions: SessionStore
  readonly ttl: TtlStore
  readonly provider: IdentityProvider
  readonly sessionRevocation: SessionRevocation
  readonly tokenRevocation: Pick<TokenRevocation, 'revoke'>
  readonly emit: Emit
  readonly underWay: UnderWay
  /** Called once for every refresh that this process stored; must not throw. @default none */
  readonly onRefreshed?: (record: SessionRecord) => void
}
