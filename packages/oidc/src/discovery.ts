import { BffError } from '@bff/core'
import {
  allowInsecureRequests,
  ClientError,
  type CustomFetch,
  customFetch,
  discovery,
  type ServerMetadata,
} from 'openid-client'
import { isObject } from './answer.ts'
import { parseUrl } from './option-rules.ts'
import type { Settings } from './options.ts'

/**
 * Fetches and checks the metadata of `issuer`.
 *
 * @throws BffError `provider_misconfigured` when it belongs to another issuer, or names an endpoint that is less secure than
 * the issuer; `provider_unavailable` when it is not there
 */
export async function fetchMetadata(
  { issuer, metadataAt, clientId }: Pick<Settings, 'issuer' | 'metadataAt' | 'clientId'>,
  fetch: CustomFetch,
): Promise<ServerMetadata> {
  const isInsecure = new URL(metadataAt).protocol === 'http:'
  let named: unknown
  let at = metadataAt
  let status = 0
  const configuration = await discovery(new URL(metadataAt), clientId, undefined, undefined, {
    [customFetch]: async (...request) => {
      const response = await fetch(...request)
      at = request[0]
      status = response.status
      const body: unknown = await response
        .clone()
        .json()
        .catch(() => null)
      named = isObject(body) ? body['issuer'] : undefined
      return response
    },
    execute: isInsecure ? [allowInsecureRequests] : [],
  }).catch((error: unknown) => {
    if (error instanceof ClientError && error.code === 'OAUTH_JSON_ATTRIBUTE_COMPARISON_FAILED') {
      throw wrongIssuer(metadataAt, named)
    }
    // A provider that starts can answer so, too: the next request tries again.
    if (status === 404) {
      throw new BffError(
        'provider_unavailable',
        `No provider has its metadata at ${at} (HTTP 404). Compare issuer with the settings of the provider, or try again shortly.`,
        { cause: error },
      )
    }
    throw error
  })
  const metadata = configuration.serverMetadata()
  // openid-client compares URLs, which can be equal for different issuers (BFF-21).
  if (metadata.issuer !== issuer) throw wrongIssuer(metadataAt, metadata.issuer)
  for (const name of USED_ENDPOINTS) {
    if (metadata[name] !== undefined) requireSafe(metadata, name, metadataAt)
  }
  const aliases = metadata.mtls_endpoint_aliases ?? {}
  for (const name of Object.keys(aliases)) requireSafe(aliases, name, metadataAt)
  return metadata
}

/** @throws BffError `provider_misconfigured` when the endpoint of this name is less secure than the metadata */
export function requireSafe(
  endpoints: Readonly<Record<string, unknown>>,
  name: string,
  metadataAt: string,
): void {
  const value = endpoints[name]
  const { protocol } = (typeof value === 'string' ? parseUrl(value) : null) ?? { protocol: '' }
  if (protocol === 'https:' || (protocol === 'http:' && new URL(metadataAt).protocol === 'http:')) return
  throw new BffError(
    'provider_misconfigured',
    `The identity provider's metadata names no https URL as ${name}. Its operator must check it.`,
  )
}

/** Other endpoints are checked when they are used: some providers name endpoints that are not usable. */
const USED_ENDPOINTS = [
  ...['authorization_endpoint', 'token_endpoint', 'jwks_uri', 'revocation_endpoint', 'end_session_endpoint'],
  'pushed_authorization_request_endpoint',
]

/** Names the issuer that was found, so that it can be configured; an issuer with a placeholder is for many tenants. */
function wrongIssuer(place: string, named: unknown): BffError {
  const found = typeof named === 'string' && /^https?:\/\/[\w.:{}/~-]{1,200}$/i.test(named) ? named : null
  const message =
    found !== null && /[{}]/.test(found)
      ? `The metadata found at ${place} is for many tenants: it names the issuer ${found}. Configure the issuer of one tenant, with its own id in place of the placeholder. For several tenants, set issuer to this text, metadataUrl and acceptIssuer.`
      : `The metadata found at ${place} names another issuer${found === null ? '' : `, ${found}`}. Configure the issuer exactly as the metadata spells it.`
  return new BffError('provider_misconfigured', message)
}
