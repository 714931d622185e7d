import { exportJWK, generateKeyPair, type JWK } from 'jose'
import type { ClientMetadata } from 'oidc-provider'

/** The registered clients, one per way of authenticating (RFC 6749 2.3, OpenID Connect Core 9). */
export interface ProviderClients {
  /** `client_secret_basic`, and `client_credentials` too. */
  readonly basic: { readonly clientId: string; readonly clientSecret: string }
  /** `client_secret_post`. */
  readonly post: { readonly clientId: string; readonly clientSecret: string }
  /** `private_key_jwt` with ES256; the key is fresh per start. */
  readonly privateKeyJwt: { readonly clientId: string; readonly privateKey: JWK }
  /** `none`: a public client. */
  readonly public: { readonly clientId: string }
}

export interface ClientUris {
  readonly redirectUris: readonly string[]
  readonly postLogoutRedirectUris: readonly string[]
  /** `null`: no back-channel logout. */
  readonly backchannelLogoutUri: string | null
  readonly backchannelLogoutNamesSession: boolean
}

export async function registerClients(
  uris: ClientUris,
  signingAlgorithm: string,
): Promise<{ clients: ProviderClients; metadata: ClientMetadata[] }> {
  const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true })
  const clients: ProviderClients = {
    basic: { clientId: 'demo', clientSecret: 'demo-secret-for-this-machine-only' },
    post: { clientId: 'demo-post', clientSecret: 'demo-post-secret-for-this-machine-only' },
    privateKeyJwt: {
      clientId: 'demo-private-key-jwt',
      privateKey: { ...(await exportJWK(privateKey)), kid: 'client-key', alg: 'ES256' },
    },
    public: { clientId: 'demo-public' },
  }
  const clientKey = { ...(await exportJWK(publicKey)), kid: 'client-key', alg: 'ES256', use: 'sig' }
  const common = {
    redirect_uris: uris.redirectUris,
    post_logout_redirect_uris: uris.postLogoutRedirectUris,
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'] as const,
    id_token_signed_response_alg: signingAlgorithm === 'ES256' ? ('ES256' as const) : ('RS256' as const),
    ...(uris.backchannelLogoutUri === null
      ? {}
      : {
          backchannel_logout_uri: uris.backchannelLogoutUri,
          backchannel_logout_session_required: uris.backchannelLogoutNamesSession,
        }),
  }
  const metadata: ClientMetadata[] = [
    {
      ...common,
      client_id: clients.basic.clientId,
      client_secret: clients.basic.clientSecret,
      client_name: 'the app',
      grant_types: [...common.grant_types, 'client_credentials'],
      token_endpoint_auth_method: 'client_secret_basic',
    },
    {
      ...common,
      client_id: clients.post.clientId,
      client_secret: clients.post.clientSecret,
      client_name: 'the app (secret in the body)',
      token_endpoint_auth_method: 'client_secret_post',
    },
    {
      ...common,
      client_id: clients.privateKeyJwt.clientId,
      client_name: 'the app (private key)',
      token_endpoint_auth_method: 'private_key_jwt',
      token_endpoint_auth_signing_alg: 'ES256',
      jwks: { keys: [clientKey] },
    },
    {
      ...common,
      client_id: clients.public.clientId,
      client_name: 'the app (public)',
      token_endpoint_auth_method: 'none',
    },
  ]
  return { clients, metadata }
}
