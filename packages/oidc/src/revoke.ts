import { BffError, type RevocationRequest } from '@bff/core'
import { type Configuration, tokenRevocation } from 'openid-client'
import type { Client } from './client.ts'
import { explain, unavailable } from './explain.ts'
import type { Call } from './transport.ts'

const TIMEOUT_MS = 3_000

/** Some providers answer this for an expired token, where RFC 7009 §2.2 requires 200. */
const TOKEN_IS_OVER: ReadonlySet<string> = new Set(['invalid_token', 'invalid_grant'])

/** Revokes a token (RFC 7009), unless the provider has no revocation endpoint. An open breaker makes it fail at once. */
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
      explain: explainRevocation,
    },
    async (call) => {
      const config = await configuration(call)
      if (config.serverMetadata().revocation_endpoint === undefined) return
      await tokenRevocation(config, token, { token_type_hint: hint }).catch((error: unknown) => {
        if (!TOKEN_IS_OVER.has(call.answer()?.error ?? '')) throw error
      })
    },
  )
}

/** A refusal is final: another attempt would be refused too. */
function explainRevocation(error: unknown, call: Call): BffError {
  return explain(error, call, {
    onRefusal: (code, cause) =>
      new BffError(
        'provider_misconfigured',
        `The identity provider refused to revoke a token (${code}). Its operator must check what the application may do.`,
        { cause },
      ),
    onInvalidAnswer: (cause) => unavailable(cause),
  })
}
