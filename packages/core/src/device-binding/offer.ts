import type { PluginContext } from '../contracts/plugin.ts'
import type { SessionHandle } from '../contracts/session.ts'
import type { Settings } from './binding.ts'
import { createChallenge } from './challenge.ts'

/** How long after its beginning a session may be bound, and after which `require` needs it to be. */
export const BINDING_MS = 60_000

/** The header that offers a browser to bind a session: it makes a key and registers it at once. */
export async function offerOf(
  { encryptor, clock }: PluginContext,
  { path }: Settings,
  handle: SessionHandle,
): Promise<readonly [string, string]> {
  const challenge = await createChallenge(encryptor, 'register', handle, clock.now())
  return ['secure-session-registration', `(ES256 RS256);path="${path}/register";challenge="${challenge}"`]
}
