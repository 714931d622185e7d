import type { TtlStore } from '../store/ttl-store.ts'
import type { SessionHandle, SessionRecord } from './model.ts'

/** The TTL store's key of a secret that was replaced by more than one rotation. */
export const rotatedKey = (handle: SessionHandle, secretHash: string) => `rotated:${handle}:${secretHash}`

/**
 * Remembers the secret that the next rotation pushes out of the record: requests sent with it may still be under way,
 * and whoever uses it after its grace is a thief.
 */
export async function rememberPrevious(
  ttl: TtlStore,
  { handle, previousSecretHash, previousSecretUntil, absoluteExpiresAt }: SessionRecord,
  now: number,
): Promise<void> {
  if (previousSecretHash === null) return
  const lifeMs = Math.max(1, absoluteExpiresAt - now)
  await ttl.set(rotatedKey(handle, previousSecretHash), String(previousSecretUntil ?? 0), lifeMs)
}
