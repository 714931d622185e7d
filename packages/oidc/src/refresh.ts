import { BffError, type RefreshRequest, type TokenSet } from '@bff/core'
import { type Configuration, refreshTokenGrant } from 'openid-client'
import { explain, unavailable } from './explain.ts'
import { requireTokenType, type TokenAnswer, tokensOf } from './token-answer.ts'
import type { Call, Transport } from './transport.ts'

/**
 * Asks for new tokens, with the session's own key where it has one (DPO-13).
 *
 * Whether they are about the same user and no wider in scope is for the core to judge (RFT-14, RFT-15): it ends the
 * session, and revokes the tokens.
 */
export function refreshTokens(
  transport: Transport,
  configuration: (call: Call) => Promise<Configuration>,
  request: RefreshRequest,
  identityOf: (answer: TokenAnswer) => Pick<TokenSet, 'claims' | 'idToken'>,
): Promise<TokenSet> {
  const { dpopKeyPair: keyPair, refreshToken, signal } = request
  return transport.call({ signal, keyPair, explain: explainRefresh }, async (call) => {
    const answer = await refreshTokenGrant(await configuration(call), refreshToken)
    requireTokenType(answer, keyPair !== null)
    return { ...tokensOf(answer, keyPair), ...identityOf(answer) }
  })
}

/** Only `invalid_grant`, in JSON and with 400 or 401, ends anything (RFT-07); all else is passing (RFT-08). */
function explainRefresh(error: unknown, call: Call): BffError {
  return explain(error, call, {
    onRefusal: (code, cause) =>
      code === 'invalid_grant'
        ? new BffError('refresh_rejected', undefined, { cause })
        : unavailable(cause, call.answer()?.retryAfter ?? null),
    onInvalidAnswer: (cause) => unavailable(cause),
  })
}
