import { decodeJwt } from 'jose'
import { customFetch } from 'openid-client'
import { isObject } from './answer.ts'
import type { Client, Configure } from './client.ts'
import type { Call } from './transport.ts'

/**
 * Calls `grant` with a configuration that expects the issuer which the ID token of the response names. Where there are many, it
 * is known only then: the response is held back and given to a second configuration, which makes every check with it.
 *
 * @param named the issuer that the callback names (RFC 9207), which must be the same; `null` without one
 */
export async function withIssuerOfToken<Answer>(
  client: Client,
  call: Call,
  named: string | null,
  grant: (configuration: Awaited<ReturnType<Configure>>) => Promise<Answer>,
): Promise<Answer> {
  const { issuers } = client.settings
  if (!issuers.areMany) return grant(await client.configuration(call))
  let held: Response | undefined
  const asking = await client.configuration(call, issuers.fits(named) ? named : undefined)
  asking[customFetch] = async (...request) => {
    held = await call.fetch(...request)
    throw new Error('The response is held back until its issuer is known.')
  }
  const failure = await grant(asking).catch((error: unknown) => error)
  if (held === undefined) throw failure
  const response = held
  const issuer = issuerIn(await response.clone().text())
  const checking = await client.configuration(call, [issuer, named].find(issuers.fits))
  checking[customFetch] = async () => response
  return grant(checking)
}

/** Returns the issuer that the ID token in a token response names, unverified. */
function issuerIn(body: string): unknown {
  try {
    const answer: unknown = JSON.parse(body)
    const idToken = isObject(answer) ? answer['id_token'] : undefined
    if (typeof idToken !== 'string') return undefined
    return decodeJwt(idToken).iss
  } catch {
    return undefined
  }
}
