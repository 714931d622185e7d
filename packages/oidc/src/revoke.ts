import type { RevocationRequest } from '@bff/core'
import { type Configuration, tokenRevocation } from 'openid-client'
import type { Client } from './client.ts'
import { explainOutage } from './explain.ts'
import type { Call } from './transport.ts'

const TIMEOUT_MS = 3_000

/** Revokes a token (RFC 7009), unless the provider has no place for that. An open breaker fails it at once. */
export function revokeToken(
  { transport, breaker }: Pick<Client, 'transport' | 'breaker'>,
  timeoutMs: number,
  configuration: (call: Call) => Promise<Configuration>,
  { token, hint, dpopKeyPair, signal }: RevocationRequest,
): Promise<void> {
  return transport.call(
    {
      signal,
      keyPair: dpopKeyPair,
      timeoutMs: Math.min(timeoutMs, TIMEOUT_MS),
      admit: () => {
        breaker.check()
        return null
      },
      explain: explainOutage,
    },
    async (call) => {
      const config = await configuration(call)
      if (config.serverMetadata().revocation_endpoint === undefined) return
      await tokenRevocation(config, token, { token_type_hint: hint })
    },
  )
}
