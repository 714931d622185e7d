import { randomBytes } from 'node:crypto'
import type { ClientMetadata, Configuration, Grant, JWKS, KoaContextWithOIDC } from 'oidc-provider'
import type { Accounts } from './accounts.ts'
import type { MemoryDatabase } from './memory-database.ts'
import type { ProviderSettings } from './options.ts'
import { errorPage, type Page, signedOutPage, signingOutPage } from './pages.ts'
import { errors } from './provider-library.ts'

/** How well somebody was recognised, weakest first. Here it is a matter of asking: this provider pretends. */
export const ACR_VALUES = ['pwd', 'mfa'] as const
const OPENID_SCOPES = ['openid', 'offline_access', 'profile', 'email']
const PROFILE_CLAIMS = ['name', 'given_name', 'family_name', 'preferred_username']
const EMAIL_CLAIMS = ['email', 'email_verified']
const CODE_LIFETIME = 60
const INTERACTION_LIFETIME = 3600
const SESSION_LIFETIME = 14 * 24 * 60 * 60

export interface ConfigurationParts {
  readonly settings: ProviderSettings
  readonly accounts: Accounts
  readonly database: MemoryDatabase
  readonly clients: ClientMetadata[]
  readonly jwks: JWKS
  readonly signingAlgorithm: 'RS256' | 'ES256'
}

/** How `oidc-provider` is set up: every feature the BFF speaks is on, everything else is off. */
export function createConfiguration(parts: ConfigurationParts): Configuration {
  const { settings, accounts, database } = parts
  return {
    adapter: database.adapter,
    clients: parts.clients,
    jwks: parts.jwks,
    scopes: OPENID_SCOPES,
    acrValues: [...ACR_VALUES],
    claims: {
      openid: accounts.claimNames.filter((name) => ![...PROFILE_CLAIMS, ...EMAIL_CLAIMS].includes(name)),
      profile: PROFILE_CLAIMS,
      email: EMAIL_CLAIMS,
    },
    // An access token for the API is refused at the userinfo endpoint: the claims travel in the ID token.
    conformIdTokenClaims: settings.claimsIn === 'userinfo',
    clientAuthMethods: ['client_secret_basic', 'client_secret_post', 'private_key_jwt', 'none'],
    responseTypes: ['code'],
    pkce: { required: () => true },
    cookies: {
      keys: [randomBytes(32).toString('base64url')],
      // Browsers share cookies between the ports of localhost, so the names must be ours alone.
      names: { session: 'idp_session', interaction: 'idp_interaction', resume: 'idp_resume' },
    },
    ttl: {
      AccessToken: settings.accessTokenLifetime,
      AuthorizationCode: CODE_LIFETIME,
      IdToken: settings.idTokenLifetime,
      RefreshToken: settings.refreshTokenLifetime,
      Interaction: INTERACTION_LIFETIME,
      Session: SESSION_LIFETIME,
      Grant: Math.max(SESSION_LIFETIME, settings.refreshTokenLifetime),
    },
    findAccount: (_ctx, accountId) => accounts.findAccount(accountId),
    loadExistingGrant: (ctx) => grantEverything(ctx, settings, database),
    issueRefreshToken: (_ctx, client) => client.grantTypeAllowed('refresh_token'),
    expiresWithSession: () => false,
    rotateRefreshToken: settings.rotateRefreshTokens,
    interactions: { url: (_ctx, interaction) => `/interaction/${interaction.uid}` },
    renderError: (ctx, out) => {
      const { error, error_description: description } = out
      send(ctx, errorPage(typeof description === 'string' ? `${error}: ${description}` : String(error)))
    },
    // Back-channel logouts go to the app on this machine, which the library's own guard would refuse.
    fetch: (url, { method, headers, body, redirect, signal } = {}) =>
      fetch(url, {
        redirect: redirect ?? 'manual',
        ...(method == null ? {} : { method }),
        ...(headers == null ? {} : { headers }),
        ...(body == null ? {} : { body }),
        ...(signal == null ? {} : { signal }),
      }),
    features: {
      devInteractions: { enabled: false },
      userinfo: { enabled: true },
      clientCredentials: { enabled: true },
      revocation: {
        enabled: true,
        allowedPolicy: (_ctx, client, token) => token.clientId === client.clientId,
      },
      pushedAuthorizationRequests: { enabled: true },
      backchannelLogout: { enabled: true },
      rpInitiatedLogout: {
        enabled: true,
        logoutSource: (ctx, form) => send(ctx, signingOutPage(form)),
        postLogoutSuccessSource: (ctx) => send(ctx, signedOutPage()),
      },
      dPoP: {
        enabled: true,
        ...(settings.requireDpopNonces
          ? { nonceSecret: randomBytes(32), requireNonce: () => true }
          : { requireNonce: () => false }),
      },
      resourceIndicators: {
        enabled: true,
        defaultResource: (_ctx, _client, oneOf) =>
          oneOf?.[0] ?? (settings.claimsIn === 'userinfo' ? [] : settings.apiAudience),
        useGrantedResource: () => settings.claimsIn === 'id_token',
        getResourceServerInfo: (_ctx, audience) => ({
          scope: scopeOf(settings, audience),
          audience,
          accessTokenTTL: settings.accessTokenLifetime,
          accessTokenFormat: 'jwt',
          jwt: { sign: { alg: parts.signingAlgorithm } },
        }),
      },
    },
  }
}

/** @throws InvalidTarget for an API that does not exist (RFC 8707 §2) */
function scopeOf({ apiAudience, apiScope, furtherApis }: ProviderSettings, audience: string): string {
  const scope = audience === apiAudience ? apiScope : furtherApis[audience]
  if (scope === undefined) throw new errors.InvalidTarget()
  return scope
}

/** Consent without a question: the session's grant or, where they share one, the user's; else a new one for all there is. */
async function grantEverything(
  ctx: KoaContextWithOIDC,
  { apiAudience, apiScope, furtherApis, grants }: ProviderSettings,
  database: MemoryDatabase,
): Promise<Grant | undefined> {
  const { client, session, account, provider, result } = ctx.oidc
  if (client === undefined || account === undefined) return undefined
  const shared = grants === 'user' ? grantOf(database, account.accountId, client.clientId) : undefined
  const grantId = shared ?? result?.consent?.grantId ?? session?.grantIdFor(client.clientId)
  const existing = grantId === undefined ? undefined : await provider.Grant.find(grantId)
  if (existing !== undefined) return existing
  const grant = new provider.Grant({ accountId: account.accountId, clientId: client.clientId })
  grant.addOIDCScope(OPENID_SCOPES)
  grant.addResourceScope(apiAudience, apiScope)
  for (const [audience, scope] of Object.entries(furtherApis)) grant.addResourceScope(audience, scope)
  await grant.save()
  return grant
}

function grantOf(database: MemoryDatabase, accountId: string, clientId: string): string | undefined {
  return database.rowsOf('Grant', accountId).find((grant) => grant.clientId === clientId)?.jti
}

function send(ctx: KoaContextWithOIDC, page: Page): void {
  ctx.type = 'html'
  ctx.set('Content-Security-Policy', page.contentSecurityPolicy)
  ctx.body = page.html
}
