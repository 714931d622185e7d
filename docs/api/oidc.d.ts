declare const SIGNING_ALGORITHMS: readonly [
    "RS256",
    "RS384",
    "RS512",
    "PS256",
    "PS384",
    "PS512",
    "ES256",
    "ES384",
    "ES512",
    "EdDSA",
    "Ed25519"
];
declare function accessTokenVerifier(options: AccessTokenVerifierOptions): (request: RequestView) => Promise<BearerVerdict>;
declare function clientCredentials(options: ApiTokenOptions): ClientTokenSource;
declare function createDiscoveryCache(options?: {
    readonly maxIssuers?: number;
}): DiscoveryCache;
declare function oauthClient(options: OauthClientOptions): IdentityProvider;
declare function oidc(options: OidcOptions): IdentityProvider;
declare function tokenExchange(options: Omit<ApiTokenOptions, 'dpop'>): UserTokenSource;
export { accessTokenVerifier, clientCredentials, createDiscoveryCache, oauthClient, oidc, tokenExchange, type AccessTokenVerifierOptions, type ApiTokenOptions, type BearerVerdict, type ClientAuthenticationOptions, type DiscoveryCache, type Fetch, type OauthClientOptions, type OidcOptions, type PrivateKey, type SigningAlgorithm };
import { BffEvent, Claims, Clock, IdentityProvider, RequestView } from '@bff/core';
import { ClientTokenSource, UserTokenSource } from '@bff/core/proxy';
import { JWK } from 'jose';
import { ServerMetadata } from 'openid-client';
interface AccessTokenVerifierOptions extends Announced, Pick<OidcOptions, 'issuer' | 'signingAlgorithms' | 'timeoutMs' | 'clockToleranceMs' | 'dangerouslyAllowInsecureIssuer' | 'discoveryCache' | 'fetch' | 'clock'> {
    readonly audience: string;
    readonly scopes?: readonly string[];
}
interface Announced {
    readonly onEvent?: (event: BffEvent) => void;
}
interface ApiTokenOptions extends Announced, Omit<OidcOptions, 'scope' | 'par' | 'idTokenHint' | 'logoutReturnParameter' | 'responseMode' | 'signingAlgorithms' | 'clockToleranceMs'> {
    readonly scope?: string;
    readonly resource?: string;
    readonly audience?: string;
}
interface Cached<Value> {
    get(): Promise<Value>;
    peek(): Value | null;
    renew(cooldownMs: number): Promise<Value>;
}
interface ClientAuthenticationOptions {
    readonly clientSecret?: string;
    readonly clientSecretMethod?: 'client_secret_basic' | 'client_secret_post';
    readonly privateKeyJwt?: PrivateKey;
    readonly dangerouslyPublicClient?: true;
}
interface DiscoveryCache {
    entry(issuer: string, clock: Clock, load: () => Promise<ServerMetadata>): Cached<ServerMetadata>;
}
interface OauthClientOptions {
    readonly tokenEndpoint: string;
    readonly clientId: string;
    readonly clientSecret?: string;
    readonly clientSecretMethod?: 'client_secret_basic' | 'client_secret_post';
    readonly dpop?: boolean;
    readonly revocationEndpoint?: string;
    readonly timeoutMs?: number;
    readonly dangerouslyAllowInsecureEndpoints?: boolean;
    readonly fetch?: Fetch;
    readonly clock?: Clock;
}
interface OidcOptions extends ClientAuthenticationOptions {
    readonly issuer: string;
    readonly clientId: string;
    readonly scope?: string;
    readonly par?: 'auto' | 'always' | 'never';
    readonly dpop?: boolean;
    readonly idTokenHint?: boolean;
    readonly logoutReturnParameter?: 'post_logout_redirect_uri' | 'logout_uri' | 'returnTo';
    readonly responseMode?: 'query' | 'form_post';
    readonly signingAlgorithms?: readonly SigningAlgorithm[];
    readonly timeoutMs?: number;
    readonly clockToleranceMs?: number;
    readonly dangerouslyAllowInsecureIssuer?: boolean;
    readonly discoveryCache?: DiscoveryCache;
    readonly fetch?: Fetch;
    readonly clock?: Clock;
}
interface PrivateKey {
    readonly key: CryptoKey | JWK;
    readonly kid?: string;
}
type BearerVerdict = {
    readonly state: 'none';
} | {
    readonly state: 'accepted';
    readonly claims: Claims;
    readonly scopes: readonly string[];
} | {
    readonly state: 'refused';
    readonly status: 401 | 403;
    readonly challenge: string;
};
type Fetch = (url: string, init: RequestInit) => Promise<Response>;
type SigningAlgorithm = (typeof SIGNING_ALGORITHMS)[number];
