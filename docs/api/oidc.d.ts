// index.d.ts
declare function accessTokenVerifier(options: AccessTokenVerifierOptions): (request: RequestView) => Promise<BearerVerdict>;
declare function clientCredentials(options: ApiTokenOptions): ClientTokenSource;
declare function oauthClient(options: OauthClientOptions): IdentityProvider;
declare function oidc(options: OidcOptions): IdentityProvider;
declare function tokenExchange(options: Omit<ApiTokenOptions, 'dpop'>): UserTokenSource;
export { AcceptIssuer, Cached, ClientAssertion, ClientAuthenticationOptions, DiscoveryCache, PrivateKey, ProvideSecret, ProvidedAssertion, RemoteSigningKey, SigningAlgorithm, createDiscoveryCache } from './options.js';
export { Fetch, OidcOptions, accessTokenVerifier, clientCredentials, oauthClient, oidc, tokenExchange, type AccessTokenVerifierOptions, type Announced, type ApiTokenOptions, type BearerVerdict, type OauthClientOptions };
import 'jose';
import 'openid-client';
import { BffEvent, Claims, Clock, IdentityProvider, RequestView } from '@bff/core';
import { ClientTokenSource, UserTokenSource } from '@bff/core/proxy';
import { Fetch, OidcOptions } from './options.js';
interface AccessTokenVerifierOptions extends Announced, Pick<OidcOptions, 'issuer' | 'signingAlgorithms' | 'timeoutMs' | 'clockToleranceMs' | 'dangerouslyAllowInsecureIssuer' | 'discoveryCache' | 'fetch' | 'clock'> {
    readonly audience: string;
    readonly scopes?: readonly string[];
}
interface Announced {
    readonly onEvent?: (event: BffEvent) => void;
}
interface ApiTokenOptions extends Announced, Omit<OidcOptions, 'scope' | 'acceptIssuer' | 'parameters' | 'dangerouslyAcceptUntypedLogoutTokens' | 'resource' | 'audience' | 'par' | 'idTokenHint' | 'logoutReturnParameter' | 'responseMode' | 'userinfo' | 'signingAlgorithms' | 'clockToleranceMs' | 'profile'> {
    readonly scope?: string;
    readonly resource?: string;
    readonly audience?: string;
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

// options.d.ts
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
declare function createDiscoveryCache(options?: {
    readonly maxIssuers?: number;
}): DiscoveryCache;
export { createDiscoveryCache, type AcceptIssuer, type Cached, type ClientAssertion, type ClientAuthenticationOptions, type DiscoveryCache, type Fetch, type OidcOptions, type PrivateKey, type ProvideSecret, type ProvidedAssertion, type RemoteSigningKey, type SigningAlgorithm };
import { Claims, Clock } from '@bff/core';
import { JWK } from 'jose';
import { ServerMetadata } from 'openid-client';
interface Cached<Value> {
    get(): Promise<Value>;
    peek(): Value | null;
    renew(cooldownMs: number): Promise<Value>;
}
interface ClientAssertion {
    readonly assertion: string;
    readonly type: string;
}
interface ClientAuthenticationOptions {
    readonly clientSecret?: string | ProvideSecret;
    readonly clientSecretMethod?: 'client_secret_basic' | 'client_secret_post';
    readonly privateKeyJwt?: PrivateKey;
    readonly clientAssertion?: () => ProvidedAssertion | Promise<ProvidedAssertion>;
    readonly tlsClientAuth?: true;
    readonly certificateBoundTokens?: boolean;
    readonly dangerouslyPublicClient?: true;
}
interface DiscoveryCache {
    entry(issuer: string, clock: Clock, load: () => Promise<ServerMetadata>): Cached<ServerMetadata>;
}
interface OidcOptions extends ClientAuthenticationOptions {
    readonly issuer: string;
    readonly metadataUrl?: string;
    readonly acceptIssuer?: AcceptIssuer;
    readonly clientId: string;
    readonly scope?: string;
    readonly resource?: string | readonly string[];
    readonly audience?: string;
    readonly parameters?: Readonly<Record<string, string>>;
    readonly par?: 'auto' | 'always' | 'never';
    readonly dpop?: boolean;
    readonly idTokenHint?: boolean;
    readonly logoutReturnParameter?: 'post_logout_redirect_uri' | 'logout_uri' | 'returnTo';
    readonly userinfo?: 'when-missing' | 'always' | 'never';
    readonly responseMode?: 'query' | 'form_post';
    readonly signingAlgorithms?: readonly SigningAlgorithm[];
    readonly profile?: 'fapi2';
    readonly timeoutMs?: number;
    readonly clockToleranceMs?: number;
    readonly dangerouslyAllowInsecureIssuer?: boolean;
    readonly dangerouslyAcceptUntypedLogoutTokens?: boolean;
    readonly discoveryCache?: DiscoveryCache;
    readonly fetch?: Fetch;
    readonly clock?: Clock;
}
interface PrivateKey {
    readonly key: CryptoKey | JWK | RemoteSigningKey;
    readonly kid?: string;
}
interface RemoteSigningKey {
    readonly alg: SigningAlgorithm;
    readonly sign: (data: Uint8Array) => Promise<Uint8Array>;
}
type AcceptIssuer = (issuer: string, claims: Claims) => boolean | Promise<boolean>;
type Fetch = (url: string, init: RequestInit) => Promise<Response>;
type ProvideSecret = (context: {
    readonly clock: Clock;
}) => string | Promise<string>;
type ProvidedAssertion = string | ClientAssertion;
type SigningAlgorithm = (typeof SIGNING_ALGORITHMS)[number];

// presets.d.ts
declare const google: () => Preset<"issuer" | "scope" | "parameters">;
declare function apple(given: AppleKey): Preset<'issuer' | 'clientId' | 'clientSecret' | 'clientSecretMethod' | 'scope' | 'responseMode' | 'userinfo'>;
declare function auth0(given: {
    readonly domain: string;
}): Preset<'issuer' | 'scope' | 'idTokenHint'>;
declare function cognito(given: {
    readonly userPoolId: string;
}): Preset<'issuer' | 'scope' | 'logoutReturnParameter'>;
declare function entra(given: EntraTenants): Preset<'issuer' | 'scope' | 'userinfo'> & Pick<OidcOptions, 'metadataUrl' | 'acceptIssuer'>;
declare function keycloak(given: {
    readonly url: string;
    readonly realm: string;
}): Preset<'issuer' | 'scope' | 'idTokenHint'>;
declare function okta(given: {
    readonly domain: string;
    readonly server?: string;
}): Preset<'issuer' | 'scope' | 'idTokenHint' | 'userinfo'>;
export { apple, auth0, cognito, entra, google, keycloak, okta, type AppleKey, type EntraTenants, type Preset };
import '@bff/core';
import 'jose';
import 'openid-client';
import { OidcOptions } from './options.js';
interface AppleKey {
    readonly clientId: string;
    readonly teamId: string;
    readonly keyId: string;
    readonly privateKey: string;
}
interface EntraTenants {
    readonly tenant?: string;
    readonly tenants?: readonly string[] | ((tenant: string) => boolean | Promise<boolean>);
}
type Preset<Name extends keyof OidcOptions> = Required<Pick<OidcOptions, Name>>;

// shared-signals.d.ts
declare const CAEP: {
    readonly 'session-revoked': "revoke";
    readonly 'token-claims-change': "refresh";
    readonly 'credential-change': (event: Payload) => SignalEffect;
    readonly 'assurance-level-change': (event: Payload) => SignalEffect;
    readonly 'device-compliance-change': (event: Payload) => SignalEffect;
    readonly 'risk-level-change': (event: Payload) => SignalEffect;
    readonly 'session-established': "none";
    readonly 'session-presented': "none";
};
declare const RISC: {
    readonly 'account-credential-change-required': "revoke";
    readonly 'account-purged': "revoke";
    readonly 'account-disabled': "revoke";
    readonly 'account-enabled': "none";
    readonly 'identifier-changed': "refresh";
    readonly 'identifier-recycled': "revoke";
    readonly 'credential-compromise': "revoke";
    readonly 'opt-in': "none";
    readonly 'opt-out-initiated': "none";
    readonly 'opt-out-cancelled': "none";
    readonly 'opt-out-effective': "none";
    readonly 'recovery-activated': "none";
    readonly 'recovery-information-changed': "none";
    readonly 'sessions-revoked': "revoke";
};
declare function globalTokenRevocation(options: GlobalTokenRevocationOptions): PluginFactory;
declare function sharedSignals(options: SharedSignalsOptions): SharedSignals;
declare module '@bff/core' {
    interface BffEventMap {
        'signal.received': {
            readonly issuer: string;
            readonly signal: string;
            readonly effect: SignalEffect;
            readonly sessions: number;
        };
        'signal.refused': {
            readonly issuer: string;
            readonly code: string;
            readonly reason: string;
            readonly severity: 'warning';
        };
        'signal.failed': {
            readonly issuer: string;
            readonly operation: 'receive' | 'poll' | 'stream';
            readonly cause: unknown;
            readonly severity: 'warning';
        };
        'signal.stream': {
            readonly issuer: string;
            readonly status: 'created' | 'verified' | 'enabled' | 'paused' | 'disabled' | 'deleted';
            readonly reason: string | null;
        };
    }
    interface LogoutEventMap {
        signal: AboutSession;
    }
}
export { globalTokenRevocation, sharedSignals, type GlobalTokenRevocationOptions, type ReceiverHooks, type SharedSignals, type SharedSignalsOptions, type Signal, type SignalEffect, type SignalStream, type SignalType, type StreamStatus, type SubjectIdentifier, type VerificationOptions };
import 'jose';
import 'openid-client';
import { AboutSession, PluginFactory, SessionFilter } from '@bff/core';
import { ClientTokenSource } from '@bff/core/proxy';
import { OidcOptions } from './options.js';
interface GlobalTokenRevocationOptions extends VerificationOptions, Pick<ReceiverHooks, 'findSessions'> {
    readonly issuer: string;
    readonly audience?: string;
    readonly path?: string;
    readonly subjectIssuers?: readonly string[];
}
interface ReceiverHooks {
    readonly findSessions?: (subject: SubjectIdentifier) => readonly SessionFilter[] | null | undefined | Promise<readonly SessionFilter[] | null | undefined>;
    readonly onSignal?: (signal: Signal) => SignalEffect | undefined | Promise<SignalEffect | undefined>;
}
interface SharedSignals extends PluginFactory {
    readonly stream: SignalStream;
}
interface SharedSignalsOptions extends ReceiverHooks, VerificationOptions {
    readonly issuer: string;
    readonly audience: string;
    readonly delivery?: 'push' | 'poll';
    readonly pushToken?: string;
    readonly path?: string;
    readonly accessToken?: string | ClientTokenSource;
    readonly events?: readonly SignalType[];
    readonly subjectIssuers?: readonly string[];
    readonly pollIntervalMs?: number;
}
interface Signal {
    readonly type: string;
    readonly subject: SubjectIdentifier | null;
    readonly event: Readonly<Record<string, unknown>>;
    readonly effect: SignalEffect;
    readonly issuer: string;
    readonly issuedAt: number;
}
interface SignalStream {
    verify(): Promise<void>;
    status(): Promise<StreamStatus>;
    setStatus(status: StreamStatus, reason?: string): Promise<void>;
    remove(): Promise<void>;
}
type Payload = Readonly<Record<string, unknown>>;
type SignalEffect = 'revoke' | 'refresh' | 'none';
type SignalType = keyof typeof CAEP | keyof typeof RISC;
type StreamStatus = 'enabled' | 'paused' | 'disabled';
type SubjectIdentifier = Readonly<Record<string, unknown>> & {
    readonly format: string;
};
type VerificationOptions = Pick<OidcOptions, 'signingAlgorithms' | 'timeoutMs' | 'clockToleranceMs' | 'dangerouslyAllowInsecureIssuer' | 'fetch'>;
