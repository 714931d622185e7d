// api-proxy.d.ts
export type { ApiProxy, ApiProxyDependencies, ApiProxyFactory, ApiRoute };
import { Clock, Emit } from './attachable.js';
import { CsrfCheck, Reply } from './sessions.js';
import { RequestView } from './request-view.js';
import { Session } from './session.js';
import { Stores } from './stores.js';
import { TokenRefresh } from './parts.js';
interface ApiProxy {
    readonly paths: readonly string[];
    match(path: string): ApiRoute | null;
    close(): Promise<void>;
}
interface ApiProxyDependencies {
    readonly originOf: (request: RequestView) => string;
    readonly cookieNames: readonly string[];
    readonly clock: Clock;
    readonly clientAddress: (request: RequestView) => string | null;
    readonly emit: Emit;
    readonly stores: Stores;
    readonly tokens: Pick<TokenRefresh, 'replaceRefused'>;
}
interface ApiRoute {
    readonly token: 'user' | 'user-or-none' | 'none';
    readonly csrf?: CsrfCheck;
    forward(request: RequestView, session: Session | null): Promise<Reply>;
}
type ApiProxyFactory = (dependencies: ApiProxyDependencies) => ApiProxy;

// attachable.d.ts
declare const BFF_ERROR_CODES: readonly CoreErrorCode[];
declare const ERRORS: {
    readonly no_session: readonly [
        401,
        "You are not signed in. Sign in and try again."
    ];
    readonly session_expired: readonly [
        401,
        "Your session has expired. Sign in again."
    ];
    readonly invalid_session: readonly [
        401,
        "Your session is not valid any more. Sign in again."
    ];
    readonly session_conflict: readonly [
        409,
        "A session with this handle exists. Create the session again."
    ];
    readonly device_unproven: readonly [
        401,
        "This browser did not prove that the session is its own. Sign in again."
    ];
    readonly device_required: readonly [
        401,
        "This application needs a browser that binds sessions to its device. Use one that does."
    ];
    readonly device_busy: readonly [
        503,
        "The browser could not prove that the session is its own. Try again shortly."
    ];
    readonly token_expired: readonly [
        401,
        "The access token has expired and cannot be refreshed. Sign in again."
    ];
    readonly insufficient_user_authentication: readonly [
        401,
        "The API wants a stronger or a more recent sign-in. Sign in again."
    ];
    readonly csrf_violation: readonly [
        403,
        "The request was refused. Send the X-CSRF: 1 header from a page of this origin."
    ];
    readonly unknown_origin: readonly [
        421,
        "This host is not one of this application. Check the address."
    ];
    readonly rate_limited: readonly [
        429,
        "Too many requests. Wait and try again."
    ];
    readonly bad_request: readonly [
        400,
        "The request is malformed. Check its parameters, headers and body."
    ];
    readonly invalid_path: readonly [
        400,
        "The request path is not allowed. Send a plain path."
    ];
    readonly invalid_return_to: readonly [
        400,
        "returnTo must be a local path such as /orders."
    ];
    readonly not_found: readonly [
        404,
        "There is nothing at this path. Check the address."
    ];
    readonly method_not_allowed: readonly [
        405,
        "This method is not allowed here. Use one that the Allow header names."
    ];
    readonly payload_too_large: readonly [
        413,
        "The request body is too large. Send a smaller one."
    ];
    readonly headers_too_large: readonly [
        431,
        "The Cookie header is too large. Clear the cookies of this site and try again."
    ];
    readonly body_consumed: readonly [
        500,
        "The request body was read before it reached the BFF. Register the BFF ahead of any body parser."
    ];
    readonly login_expired: readonly [
        400,
        "This sign-in attempt is unknown, used or too old. Start signing in again."
    ];
    readonly login_cancelled: readonly [
        400,
        "The sign-in was cancelled at the identity provider. Start signing in again."
    ];
    readonly login_failed: readonly [
        400,
        "The identity provider did not complete the sign-in. Start signing in again."
    ];
    readonly login_refused: readonly [
        403,
        "Sign-in starts only from a page the user opened. Navigate to it at top level."
    ];
    readonly sign_in_refused: readonly [
        403,
        "You may not sign in to this application. Ask its operator for access."
    ];
    readonly not_configured: readonly [
        501,
        "This BFF has no identity provider that can do that. Its operator must configure one."
    ];
    readonly refresh_rejected: readonly [
        401,
        "The identity provider ended this session. Sign in again."
    ];
    readonly provider_unavailable: readonly [
        503,
        "The identity provider does not answer. Try again shortly."
    ];
    readonly provider_misconfigured: readonly [
        503,
        "The identity provider refused this application. Its operator must check how it is registered there."
    ];
    readonly refresh_busy: readonly [
        503,
        "The session is being refreshed elsewhere. Try again shortly."
    ];
    readonly store_unavailable: readonly [
        503,
        "The session store does not answer. Try again shortly."
    ];
    readonly store_full: readonly [
        503,
        "The session store is full. Try again later."
    ];
    readonly seal_broken: readonly [
        401,
        "The stored session cannot be opened. Sign in again."
    ];
    readonly key_unavailable: readonly [
        503,
        "The stored session was sealed with a key that this server does not have. Try again shortly."
    ];
    readonly upstream_unavailable: readonly [
        502,
        "The API could not be reached. Try again shortly."
    ];
    readonly upstream_timeout: readonly [
        504,
        "The API did not answer in time. Try again shortly."
    ];
    readonly dpop_failed: readonly [
        502,
        "The proof of possession for the API could not be made. Sign in again."
    ];
    readonly shutting_down: readonly [
        503,
        "This server is shutting down. Try again shortly."
    ];
    readonly invalid_config: readonly [
        500,
        "The configuration is not valid. The operator must correct it."
    ];
    readonly invalid_argument: readonly [
        500,
        "An argument is not valid. The developer must correct the call."
    ];
    readonly internal_error: readonly [
        500,
        "Something went wrong on our side. Try again later."
    ];
};
export { BFF_ERROR_CODES, type AboutRequest, type AboutSession, type AttachContext, type Attachable, type BffErrorCode, type BffEvent, type BffEventDetail, type BffEventMap, type BffEventOf, type Clock, type CoreErrorCode, type Emit, type LogoutEvent, type LogoutEventMap, type PluginErrorCodes, type Topic };
import { SessionHandle } from './session-fields.js';
interface AboutRequest {
    readonly ipAddress: string | null;
    readonly userAgent: string | null;
}
interface AboutSession {
    readonly handle: SessionHandle;
    readonly userId: string;
}
interface AttachContext {
    readonly clock: Clock;
    readonly emit: Emit;
}
interface Attachable {
    attach?(context: AttachContext): void;
}
interface BffEventMap {
    'auth.logout': LogoutEvent;
    'session.created': AboutSession;
    'session.revoked': {
        readonly reasonCode: string;
        readonly actorType: string;
    } & AboutSession;
    'session.refreshed': AboutSession;
    'session.expired': {
        readonly limit: 'idle' | 'absolute' | 'refresh_token' | 'access_token';
    } & AboutSession;
    'session.rotated': AboutSession;
    'session.updated': {
        readonly changed: readonly string[];
    } & AboutSession;
    'session.theft': {
        readonly rotatedAt: number;
    } & AboutSession;
    'session.unknown': object;
    'session.surge': {
        readonly max: number;
        readonly windowMs: number;
    };
    'session.refused': {
        readonly reason: 'size_exceeded' | 'not_serializable';
        readonly bytes: number | null;
        readonly maxBytes: number;
    };
    'device.bound': AboutSession;
    'device.unproven': {
        readonly reason: 'missing' | 'expired' | 'invalid' | 'skipped';
        readonly severity: 'warning';
    } & AboutSession & AboutRequest;
    'device.theft': {
        readonly reason: 'other_key' | 'second_registration';
        readonly severity: 'warning';
    } & AboutSession & AboutRequest;
    'device.refused': {
        readonly reason: 'challenge' | 'proof';
    } & AboutRequest;
    'login.started': object;
    'login.succeeded': AboutSession;
    'login.failed': {
        readonly code: BffErrorCode;
        readonly reason: string;
        readonly cause: unknown;
    };
    'logout.failed': {
        readonly code: BffErrorCode;
        readonly reason: string;
    };
    'refresh.transient': {
        readonly code: BffErrorCode;
    } & AboutSession;
    'refresh.terminal': {
        readonly code: BffErrorCode;
    } & AboutSession;
    'refresh.discarded': {
        readonly reason: 'session_ended' | 'superseded' | 'store_failed';
    } & AboutSession;
    'refresh.subject_mismatch': AboutSession;
    'dpop.nonce_retry': {
        readonly origin: string;
    };
    'csrf.rejected': {
        readonly reason: string;
        readonly path: string;
    };
    'cookie.duplicate': object;
    'ip.malformed': {
        readonly header: string;
    };
    'rate.limited': {
        readonly policy: string;
        readonly path: string;
    };
    'proxy.denied': {
        readonly code: BffErrorCode;
        readonly path: string;
    };
    'proxy.failed': {
        readonly code: BffErrorCode;
        readonly route: string;
        readonly cause: unknown;
    };
    'crypto.decrypt_failed': {
        readonly field: string;
        readonly recordId: string;
        readonly reason: string;
    };
    'crypto.key_worn': {
        readonly keyId: string;
        readonly encryptions: number;
    };
    'store.unavailable': {
        readonly operation: string;
        readonly cause: unknown;
    };
    'cleanup.done': {
        readonly deleted: number;
    };
    'cleanup.failed': {
        readonly cause: unknown;
    };
    'bus.failed': {
        readonly topic: Topic;
        readonly failures: number;
        readonly cause: unknown;
    };
    'hook.failed': {
        readonly hook: string;
        readonly cause: unknown;
    };
    'provider.failed': {
        readonly operation: string;
        readonly code: BffErrorCode;
        readonly cause: unknown;
    };
    'revocation.dropped': {
        readonly reason: 'queue_full' | 'refused' | 'gave_up' | 'closed' | 'other_provider' | 'unread';
        readonly userId: string | null;
    };
    'revocation.incomplete': {
        readonly revoked: number;
        readonly reasonCode: string;
        readonly actorType: string;
        readonly userId: string | null;
        readonly cause: unknown;
    };
    'request.failed': {
        readonly code: BffErrorCode;
        readonly path: string;
        readonly cause: unknown;
    };
    'cache.on': object;
    'cache.off': {
        readonly cause: unknown;
    };
    'cache.pulse': {
        readonly handle: SessionHandle;
        readonly sentAt: number;
    };
    'clock.skewed': {
        readonly behindMs: number;
    };
    'config.insecure': {
        readonly option: string;
        readonly message: string;
    };
}
interface Clock {
    now(): number;
    monotonic(): number;
    sleep(ms: number, signal?: AbortSignal, idle?: boolean): Promise<void>;
}
interface LogoutEventMap {
    local: AboutSession;
    rp: AboutSession;
    backchannel: AboutSession;
    frontchannel: AboutSession;
}
interface PluginErrorCodes {
}
type BffErrorCode = CoreErrorCode | keyof PluginErrorCodes;
type BffEvent = BffEventDetail & {
    readonly at: number;
};
type BffEventDetail = {
    [Type in keyof BffEventMap]: {
        readonly type: Type;
    } & BffEventMap[Type];
}[keyof BffEventMap];
type BffEventOf<T extends BffEvent['type']> = Extract<BffEvent, {
    type: T;
}>;
type CoreErrorCode = keyof typeof ERRORS;
type Emit = (event: BffEventDetail) => void;
type LogoutEvent = {
    [By in keyof LogoutEventMap]: {
        readonly by: By;
    } & LogoutEventMap[By];
}[keyof LogoutEventMap];
type Topic = 'auth.logout' | 'session.created' | 'session.revoked' | 'session.refreshed' | 'session.expired' | 'cache.pulse';

// authoring.d.ts
declare const attachTo: (inner: Attachable) => Required<Attachable>;
declare const attachmentRules: {
    clock: OptionRule<Clock | undefined>;
    onEvent: OptionRule<((event: BffEvent) => void) | undefined>;
};
declare const callback: <Value>() => OptionRule<Value | undefined>;
declare const clock: () => OptionRule<Clock | undefined>;
declare const flag: (fallback: boolean) => OptionRule<boolean>;
declare const invalidOptions: (of: string, sentence: string, separator?: string) => BffError;
declare const isThisMachine: (hostname: string) => boolean;
declare const listOf: <Value>(rule: OptionRule<Value>, fallback?: readonly Value[]) => OptionRule<readonly Value[]>;
declare const number: (fallback: number, min: number, max: number) => OptionRule<number>;
declare const oneOf: <const Value extends string>(values: readonly Value[], fallback?: Value | undefined) => OptionRule<Value>;
declare const optionRules_callback: typeof callback;
declare const optionRules_clock: typeof clock;
declare const optionRules_flag: typeof flag;
declare const optionRules_given: typeof given;
declare const optionRules_isThisMachine: typeof isThisMachine;
declare const optionRules_listOf: typeof listOf;
declare const optionRules_number: typeof number;
declare const optionRules_oneOf: typeof oneOf;
declare const optionRules_optional: typeof optional;
declare const optionRules_origin: typeof origin;
declare const optionRules_path: typeof path;
declare const optionRules_pathBelow: typeof pathBelow;
declare const optionRules_sink: typeof sink;
declare const optionRules_text: typeof text;
declare const optionRules_token: typeof token;
declare const optionRules_wholeNumber: typeof wholeNumber;
declare const optional: <Value>(rule: OptionRule<Value>) => OptionRule<Value | undefined>;
declare const origin: () => OptionRule<string>;
declare const path: (fallback: string) => OptionRule<string>;
declare const pathBelow: (name: string) => OptionRule<(basePath: string) => string>;
declare const sink: () => OptionRule<((event: BffEvent) => void) | undefined>;
declare const text: (fallback?: string) => OptionRule<string>;
declare const token: (fallback: string) => OptionRule<string>;
declare const wholeNumber: (fallback: number, min: number, max?: number) => OptionRule<number>;
declare function createAttachment({ clock: own, onEvent }?: OwnAttachment): Attachment;
declare function createLru<Value>(limit: number): Lru<Value>;
declare function equalsConstantTime(a: string, b: string): boolean;
declare function forLog(text: string): string;
declare function given<Value>(): OptionRule<Value | undefined>;
declare function given<Value>(fallback: Value): OptionRule<Value>;
declare function isOriginForm(target: string): boolean;
declare function randomToken(bytes?: number): string;
declare function readForm(request: RequestView, maxBytes: number): Promise<URLSearchParams>;
declare function readOptions<const Rules extends Readonly<Record<string, OptionRule<unknown>>>>(of: string, options: object | undefined, rules: Rules, separator?: string): OptionValues<Rules>;
declare function readText(request: RequestView, maxBytes: number): Promise<string>;
declare function refuseUnknown(of: string, options: unknown, known: readonly string[]): void;
declare function requireOneOf<Options extends object, const Name extends keyof Options & string>(of: string, options: Options, names: readonly Name[]): Name;
declare function revokeEarlier({ stores, sessionRevocation }: Pick<PluginContext, 'stores' | 'sessionRevocation'>, filter: SessionFilter, before: number, by: RevocationCause): Promise<readonly SessionRecord[]>;
declare function sha256Base64url(data: string): Promise<string>;
declare function tokenKeeper(clock: Clock, limit: number): TokenKeeper;
declare function withUserIds(filter: SessionFilter): readonly SessionFilter[];
declare namespace optionRules {
    export { optionRules_callback as callback, optionRules_clock as clock, optionRules_flag as flag, optionRules_given as given, optionRules_isThisMachine as isThisMachine, optionRules_listOf as listOf, optionRules_number as number, optionRules_oneOf as oneOf, optionRules_optional as optional, optionRules_origin as origin, optionRules_path as path, optionRules_pathBelow as pathBelow, optionRules_sink as sink, optionRules_text as text, optionRules_token as token, optionRules_wholeNumber as wholeNumber };
}
export { CookieAttributes, clearCookie, readCookie, setCookie } from './cookie.js';
export { SessionEnds, endOfSession, expiredLimit, idleExpiry } from './lifetime.js';
export { attachTo, attachmentRules, createAttachment, createLru, equalsConstantTime, forLog, invalidOptions, isOriginForm, optionRules as option, randomToken, readForm, readOptions, readText, refuseUnknown, requireOneOf, revokeEarlier, sha256Base64url, tokenKeeper, type Attachment, type FetchedToken, type Lru, type OptionRule, type OptionValues, type OwnAttachment, type TokenKeeper, withUserIds };
import './encryptor.js';
import './identity-provider.js';
import './new-session.js';
import './origin-source.js';
import './sessions.js';
import './stores.js';
import { AccessTokens } from './session.js';
import { AttachContext, Attachable, BffEvent, Clock } from './attachable.js';
import { BffError } from './bff-error.js';
import { PluginContext } from './plugin.js';
import { RequestView } from './request-view.js';
import { RevocationCause } from './parts.js';
import { SessionFilter } from './session-store.js';
import { SessionRecord } from './session-fields.js';
interface Attachment extends Required<Attachable>, AttachContext {
}
interface FetchedToken {
    readonly tokens: AccessTokens;
    readonly expiresIn: number | null;
}
interface Lru<Value> {
    get(key: string): Value | undefined;
    peek(key: string): Value | undefined;
    set(key: string, value: Value): void;
    delete(key: string): void;
    entries(): Iterable<readonly [
        key: string,
        value: Value
    ]>;
}
interface OwnAttachment {
    readonly clock?: Clock | undefined;
    readonly onEvent?: ((event: BffEvent) => void) | undefined;
}
type OptionRule<Value> = (value: unknown, invalid: (sentence: string) => BffError) => Value;
type OptionValues<Rules> = {
    readonly [Name in keyof Rules]: Rules[Name] extends OptionRule<infer Value> ? Value : never;
};
type TokenKeeper = (key: string, rejected: string | null, fetch: () => Promise<FetchedToken>) => Promise<AccessTokens>;

// bff.d.ts
export type { Bff, GuardOptions, ServedBff };
import { CsrfCheck, Reply, ResolvedOptions, Sessions } from './sessions.js';
import { RequestView } from './request-view.js';
import { Session } from './session.js';
interface Bff<Metadata = Readonly<Record<string, unknown>>, PublicKey extends string = string> extends ServedBff<Metadata> {
    refresh(session: Pick<Session<Metadata>, 'handle'>): Promise<Session<Metadata> | null>;
    readonly sessions: Sessions<Metadata>;
    readonly options: Pick<ResolvedOptions, 'origin' | 'origins' | 'basePath' | 'cookieName' | 'csrf'> & {
        readonly session: {
            readonly publicMetadata: readonly PublicKey[];
        };
    };
}
interface GuardOptions {
    readonly csrf?: CsrfCheck | boolean;
}
interface ServedBff<Metadata = Readonly<Record<string, unknown>>> {
    handle(request: RequestView): Promise<Reply> | undefined;
    getSession(request: RequestView, options?: GuardOptions): Promise<Session<Metadata> | null>;
    requireSession(request: RequestView, options?: GuardOptions): Promise<Session<Metadata>>;
    bffFor(request: RequestView): Bff<Metadata> | null;
    fetch(request: Request): Promise<Response>;
    errorReply(error: unknown): Reply;
    readonly paths: readonly string[];
    close(): Promise<void>;
}

// bff-error.d.ts
declare class BffError extends Error {
    readonly name = "BffError";
    readonly code: BffErrorCode;
    readonly status: number;
    readonly retryAfter: number | null;
    constructor(code: BffErrorCode, message?: string, options?: BffErrorOptions);
}
declare function isBffError(value: unknown, code?: BffErrorCode): value is BffError;
export { BffError, isBffError, type BffErrorOptions };
import { BffErrorCode } from './attachable.js';
interface BffErrorOptions {
    cause?: unknown;
    retryAfter?: number;
    status?: number;
}

// client-address.d.ts
declare const CLOUDFLARE_RANGES: {
    readonly asOf: "2026-02-11";
    readonly ranges: readonly [
        "173.245.48.0/20",
        "103.21.244.0/22",
        "103.22.200.0/22",
        "103.31.4.0/22",
        "141.101.64.0/18",
        "108.162.192.0/18",
        "190.93.240.0/20",
        "188.114.96.0/20",
        "197.234.240.0/22",
        "198.41.128.0/17",
        "162.158.0.0/15",
        "104.16.0.0/13",
        "104.24.0.0/14",
        "172.64.0.0/13",
        "131.0.72.0/22",
        "2400:cb00::/32",
        "2606:4700::/32",
        "2803:f800::/32",
        "2405:b500::/32",
        "2405:8100::/32",
        "2a06:98c0::/29",
        "2c0f:f248::/32"
    ];
};
declare const HEADERS: {
    readonly cf_ray: readonly [
        "cf-ray",
        RegExp
    ];
    readonly cf_country: readonly [
        "cf-ipcountry",
        RegExp
    ];
    readonly cf_visitor: readonly [
        "cf-visitor",
        RegExp
    ];
    readonly cf_bot_score: readonly [
        "cf-bot-score",
        RegExp
    ];
};
declare function clientAddress(options?: ClientAddressOptions): ClientAddressReader;
declare function cloudflareMetadata(address: ClientAddressReader, request: RequestView): CloudflareMetadata;
declare function keepCloudflareMetadata(address: ClientAddressReader): (draft: NewSession, request: RequestView) => Partial<NewSession>;
export { CLOUDFLARE_RANGES, clientAddress, cloudflareMetadata, keepCloudflareMetadata, type ClientAddress, type ClientAddressOptions, type ClientAddressReader, type CloudflareMetadata };
import './session.js';
import './session-fields.js';
import { Attachable, BffEvent, Clock } from './attachable.js';
import { NewSession } from './new-session.js';
import { RequestView } from './request-view.js';
import { WithInsecureOptions } from './identity-provider.js';
interface ClientAddress {
    readonly address: string | null;
    readonly internal: boolean;
    readonly malformed: boolean;
    readonly cloudflare: boolean;
}
interface ClientAddressOptions {
    readonly trustedProxies?: readonly string[];
    readonly header?: string;
    readonly cloudflare?: boolean | readonly string[];
    readonly dangerouslyTrustUnknownPeer?: boolean;
    readonly onEvent?: (event: BffEvent) => void;
    readonly clock?: Clock;
}
interface ClientAddressReader extends WithInsecureOptions, Attachable {
    (request: RequestView): string | null;
    explain(request: RequestView): ClientAddress;
}
type CloudflareMetadata = {
    readonly [K in keyof typeof HEADERS]?: string;
};

// compose.d.ts
declare function createMiddleware<Metadata = Readonly<Record<string, unknown>>>(parts: StandaloneParts<Metadata>): SessionMiddleware<Metadata>;
declare function originCheck({ onRefused, onEvent, ...options }: OriginCheckOptions): Middleware;
declare function originValidator(options: OriginOptions): (request: RequestView) => string | null;
declare function sessionCookie(options: SessionCookieOptions): SessionCookie;
declare function stack(middleware: readonly Middleware[], handler: Handler): Handler;
export { createMiddleware, originCheck, originValidator, sessionCookie, stack, type Handler, type Middleware, type OriginCheckOptions, type OriginOptions, type SessionCookie, type SessionCookieOptions, type SessionMiddleware };
import './encryptor.js';
import './identity-provider.js';
import './new-session.js';
import './origin-source.js';
import './session-fields.js';
import './session-store.js';
import './stores.js';
import { BffEvent, Clock } from './attachable.js';
import { CookieAttributes } from './cookie.js';
import { GuardOptions } from './bff.js';
import { ProxyRoute, Upstream } from './proxy-route.js';
import { Reply } from './sessions.js';
import { RequestView } from './request-view.js';
import { Session } from './session.js';
import { StandaloneParts } from './parts.js';
interface OriginCheckOptions extends OriginOptions {
    readonly onRefused?: (request: RequestView, reason: string) => Reply | Promise<Reply>;
    readonly onEvent?: (event: BffEvent) => void;
}
interface OriginOptions {
    readonly allowedOrigins?: readonly string[];
    readonly allowedHosts?: readonly string[];
    readonly allowMissingOrigin?: boolean;
    readonly checkReferer?: boolean;
    readonly skipMethods?: readonly string[];
}
interface SessionCookie {
    readonly name: string;
    readonly attributes: CookieAttributes;
    set(id: string, expiresAt: number): string;
    read(request: RequestView): string | null;
    clear(): string;
}
interface SessionCookieOptions {
    readonly origin: string;
    readonly name?: string;
    readonly sameSite?: 'strict' | 'lax';
    readonly clock?: Pick<Clock, 'now'>;
}
interface SessionMiddleware<Metadata = Readonly<Record<string, unknown>>> {
    readonly cookie: SessionCookie;
    requireSession(options?: GuardOptions): Middleware;
    optionalSession(options?: GuardOptions): Middleware;
    autoRefresh(): Middleware;
    getSession(request: RequestView): Session<Metadata> | null;
    sessionOf(request: RequestView): Session<Metadata>;
    refresh(session: Session<Metadata>): Promise<Session<Metadata> | null>;
    proxyTo(route: ProxyRoute, upstream?: Upstream): (request: RequestView) => Promise<Reply> | undefined;
    errorReply(error: unknown): Reply;
    close(): Promise<void>;
}
type Handler = (request: RequestView) => Promise<Reply>;
type Middleware = (request: RequestView, next: () => Promise<Reply>) => Promise<Reply>;

// config.d.ts
export type { BffConfig, PartsConfig };
import { ApiProxyFactory } from './api-proxy.js';
import { Attachable, BffEvent, Clock } from './attachable.js';
import { CookieOptions, CsrfOptions, LoginOptions, LogoutOptions, RefreshOptions, SessionOptions } from './sessions.js';
import { Encryptor } from './encryptor.js';
import { Hooks } from './parts.js';
import { IdentityProvider, WithInsecureOptions } from './identity-provider.js';
import { OriginSource } from './origin-source.js';
import { PluginFactory } from './plugin.js';
import { RequestView } from './request-view.js';
import { SessionCacheFactory } from './session-cache.js';
import { Stores } from './stores.js';
interface BffConfig<Metadata = Readonly<Record<string, unknown>>, PublicKey extends string = keyof Metadata & string> {
    readonly origin: string | OriginSource;
    readonly store: Stores;
    readonly encryptionKeys?: readonly string[];
    readonly encryptor?: Encryptor;
    readonly provider?: IdentityProvider;
    readonly basePath?: string;
    readonly returnToOrigins?: readonly string[];
    readonly cookie?: CookieOptions;
    readonly session?: SessionOptions<Metadata, PublicKey>;
    readonly csrf?: CsrfOptions;
    readonly login?: LoginOptions;
    readonly logout?: LogoutOptions;
    readonly refresh?: RefreshOptions;
    readonly proxy?: ApiProxyFactory;
    readonly plugins?: readonly PluginFactory[];
    readonly clientAddress?: ((request: RequestView) => string | null) & WithInsecureOptions & Attachable;
    readonly cache?: SessionCacheFactory;
    readonly hooks?: Hooks<Metadata>;
    readonly onEvent?: (event: BffEvent) => void;
    readonly clock?: Clock;
}
type PartsConfig<Metadata = Readonly<Record<string, unknown>>> = Omit<BffConfig<Metadata>, 'basePath' | 'returnToOrigins' | 'session' | 'login' | 'logout' | 'proxy' | 'plugins' | 'cache' | 'hooks'> & {
    readonly session?: Omit<SessionOptions<Metadata>, 'publicMetadata'>;
    readonly logout?: Pick<LogoutOptions, 'revokeTokens'>;
    readonly hooks?: Omit<Hooks<Metadata>, 'onCreateSession' | 'onUserClaims' | 'onLogout'>;
};

// cookie.d.ts
declare function clearCookie(name: string, attributes: CookieAttributes): string;
declare function readCookie(header: string | undefined, name: string): {
    readonly value: string;
} | 'duplicate' | null;
declare function setCookie(name: string, value: string, maxAgeSeconds: number | null, attributes: CookieAttributes): string;
export { clearCookie, readCookie, setCookie, type CookieAttributes };
interface CookieAttributes {
    readonly secure: boolean;
    readonly sameSite: 'strict' | 'lax' | 'none';
    readonly partitioned?: boolean;
}

// device-binding.d.ts
declare function deviceBinding(options?: DeviceBindingOptions): DeviceBinding;
export { deviceBinding, type DeviceBinding, type DeviceBindingOptions };
import './attachable.js';
import './encryptor.js';
import './identity-provider.js';
import './new-session.js';
import './origin-source.js';
import './parts.js';
import './request-view.js';
import './session-fields.js';
import './session-store.js';
import './sessions.js';
import './stores.js';
import { PluginFactory } from './plugin.js';
import { Session } from './session.js';
interface DeviceBinding extends PluginFactory {
    offer(session: Pick<Session, 'handle'>): Promise<readonly [
        name: string,
        value: string
    ] | null>;
}
interface DeviceBindingOptions {
    readonly mode?: 'prefer' | 'require';
    readonly proofLifeMs?: number;
    readonly cookieName?: string;
    readonly path?: string;
    readonly exclude?: readonly string[];
    readonly refreshInitiators?: readonly string[];
}

// dpop.d.ts
declare function createDpopProof(options: DpopProofOptions): Promise<string>;
declare function createNonceCache(limit?: number): NonceCache;
declare function dpopHtu(url: string): string;
declare function dpopNonceChallenge(wwwAuthenticate: string | undefined): boolean;
declare function generateDpopKeyPair(): Promise<DpopKeyPair>;
export { createDpopProof, createNonceCache, dpopHtu, dpopNonceChallenge, generateDpopKeyPair, type DpopProofOptions, type NonceCache };
import './session-fields.js';
import { DpopKeyPair } from './session.js';
interface DpopProofOptions {
    readonly keyPair: DpopKeyPair;
    readonly method: string;
    readonly url: string;
    readonly accessToken?: string;
    readonly nonce?: string;
    readonly now: number;
}
interface NonceCache {
    get(origin: string): string | undefined;
    set(origin: string, nonce: string): void;
}

// embedding.d.ts
declare function embedding(options: EmbeddingOptions): Embedding;
export { embedding, type Embedding, type EmbeddingOptions };
import './attachable.js';
import './encryptor.js';
import './identity-provider.js';
import './new-session.js';
import './origin-source.js';
import './parts.js';
import './request-view.js';
import './session.js';
import './session-fields.js';
import './session-store.js';
import './sessions.js';
import './stores.js';
import { PluginFactory } from './plugin.js';
interface Embedding extends PluginFactory {
    readonly header: readonly [
        name: 'content-security-policy',
        value: string
    ];
}
interface EmbeddingOptions {
    readonly ancestors: readonly string[];
}

// encryptor.d.ts
export type { Encryptor, SealContext };
import { Attachable } from './attachable.js';
interface Encryptor extends Attachable {
    encrypt(plaintext: Uint8Array, context: SealContext): Promise<Uint8Array>;
    decrypt(envelope: Uint8Array, context: SealContext): Promise<Uint8Array>;
    encryptString(plaintext: string, context: SealContext): Promise<string>;
    decryptString(envelope: string, context: SealContext): Promise<string>;
    mac(text: string, like?: string): Promise<string>;
    needsReseal(envelope: Uint8Array): boolean;
}
interface SealContext {
    readonly recordId: string;
    readonly field: string;
}

// endpoints.d.ts
declare function anonymousUser(): PluginFactory;
declare function backchannelLogout(options?: BackchannelLogoutOptions): PluginFactory;
declare function diagnostics(options?: DiagnosticsOptions): PluginFactory;
declare function frontchannelLogout(options?: FrontchannelLogoutOptions): PluginFactory;
declare function health(parts: HealthParts): Promise<HealthReport>;
declare function healthEndpoint(options?: HealthEndpointOptions): PluginFactory;
declare function popupSignIn(): PluginFactory;
declare function sessionEndpoints(options?: SessionEndpointsOptions): PluginFactory;
declare function signInParameters(options: SignInParametersOptions): PluginFactory;
declare function silentLogin(options?: SilentLoginOptions): PluginFactory;
export { anonymousUser, backchannelLogout, diagnostics, frontchannelLogout, health, healthEndpoint, popupSignIn, sessionEndpoints, signInParameters, silentLogin, type BackchannelLogoutOptions, type DiagnosticsOptions, type FrontchannelLogoutOptions, type HealthCheck, type HealthEndpointOptions, type HealthParts, type HealthReport, type SessionEndpointsOptions, type SignInParametersOptions, type SilentLoginOptions };
import './new-session.js';
import './origin-source.js';
import './parts.js';
import './request-view.js';
import './session.js';
import './session-fields.js';
import './session-store.js';
import './sessions.js';
import { Clock } from './attachable.js';
import { Encryptor } from './encryptor.js';
import { IdentityProvider } from './identity-provider.js';
import { PluginFactory } from './plugin.js';
import { Stores } from './stores.js';
interface BackchannelLogoutOptions {
    readonly path?: string;
    readonly allSessions?: boolean;
    readonly clockToleranceMs?: number;
}
interface DiagnosticsOptions {
    readonly path?: string;
    readonly dangerouslyServeAnywhere?: boolean;
}
interface FrontchannelLogoutOptions {
    readonly path?: string;
    readonly providerOrigins?: readonly string[];
}
interface HealthCheck {
    readonly ok: boolean;
    readonly message: string;
}
interface HealthEndpointOptions {
    readonly path?: string;
}
interface HealthParts {
    readonly stores: Stores;
    readonly encryptor: Encryptor;
    readonly provider?: IdentityProvider | null;
    readonly clock?: Clock;
}
interface HealthReport {
    readonly status: 'ok' | 'degraded' | 'failing';
    readonly checks: Readonly<Record<'store' | 'keyring' | 'provider', HealthCheck>>;
}
interface SessionEndpointsOptions {
    readonly path?: string;
    readonly pageSize?: number;
}
interface SignInParametersOptions {
    readonly allowed: readonly string[];
}
interface SilentLoginOptions {
    readonly path?: string;
    readonly allowedOrigins?: readonly string[];
}

// frontends.d.ts
declare function frontends<Metadata = Readonly<Record<string, unknown>>>(options?: FrontendsOptions): Frontends<Metadata>;
export { frontends, type FrontendPlace, type Frontends, type FrontendsOptions };
import './api-proxy.js';
import './encryptor.js';
import './identity-provider.js';
import './new-session.js';
import './origin-source.js';
import './parts.js';
import './plugin.js';
import './request-view.js';
import './session.js';
import './session-cache.js';
import './session-fields.js';
import './session-store.js';
import './sessions.js';
import './stores.js';
import { Bff, ServedBff } from './bff.js';
import { BffConfig } from './config.js';
import { BffEvent, Clock } from './attachable.js';
interface FrontendPlace {
    readonly path?: string;
}
interface Frontends<Metadata = Readonly<Record<string, unknown>>> extends ServedBff<Metadata> {
    readonly names: readonly string[];
    add(name: string, bff: Bff<Metadata> | BffConfig<Metadata>, place?: FrontendPlace): Bff<Metadata>;
    replace(name: string, bff: Bff<Metadata> | BffConfig<Metadata>, place?: FrontendPlace): Promise<void>;
    remove(name: string): Promise<boolean>;
    get(name: string): Bff<Metadata> | null;
    only(name: string): ServedBff<Metadata>;
    close(): Promise<void>;
}
interface FrontendsOptions {
    readonly trustedProxies?: readonly string[];
    readonly drainMs?: number;
    readonly onEvent?: (event: BffEvent) => void;
    readonly clock?: Clock;
}

// identity-provider.d.ts
export type { ApiTokenRequest, AuthorizationRedirect, AuthorizationRequest, EndSessionRequest, Grant, IdentityProvider, InsecureOption, LogoutTokenClaims, MadeBy, ProviderTransaction, RefreshRequest, RefusedGrant, RevocationRequest, TokenSet, WithInsecureOptions };
import { Attachable } from './attachable.js';
import { Claims, DpopKeyPair, TokenTarget } from './session.js';
import { RequestView } from './request-view.js';
interface ApiTokenRequest extends RefreshRequest {
    readonly target: TokenTarget;
}
interface AuthorizationRedirect {
    readonly url: string;
    readonly transaction: ProviderTransaction;
}
interface AuthorizationRequest {
    readonly redirectUri: string;
    readonly state: string;
    readonly parameters: Readonly<Record<string, string>>;
    readonly signal?: AbortSignal;
    readonly request?: RequestView;
    readonly session?: MadeBy | null;
}
interface EndSessionRequest extends MadeBy {
    readonly idToken: string | null;
    readonly postLogoutRedirectUri: string;
    readonly state: string | null;
    readonly subject: string | null;
}
interface Grant extends TokenSet {
    readonly claims: Claims;
    readonly issuer: string;
    readonly subject: string;
    readonly provider?: string | null;
    readonly providerSessionId: string | null;
    readonly sessionState: string | null;
}
interface IdentityProvider extends WithInsecureOptions, Attachable {
    authorize(request: AuthorizationRequest): Promise<AuthorizationRedirect>;
    exchange(callback: {
        readonly url: string;
        readonly state: string;
        readonly signal?: AbortSignal;
        readonly onRefused?: (grant: RefusedGrant) => void;
    }, transaction: ProviderTransaction): Promise<Grant>;
    isMaker(session: MadeBy): boolean;
    refresh(request: RefreshRequest): Promise<TokenSet>;
    apiToken(request: ApiTokenRequest): Promise<TokenSet>;
    revoke(request: RevocationRequest): Promise<void>;
    sharesGrants(session: MadeBy): boolean;
    endSessionUrl(request: EndSessionRequest): Promise<string | null>;
    verifyLogoutToken(jwt: string, request?: RequestView): Promise<LogoutTokenClaims>;
}
interface InsecureOption {
    readonly option: string;
    readonly message: string;
}
interface LogoutTokenClaims {
    readonly issuer: string;
    readonly subject: string | null;
    readonly providerSessionId: string | null;
    readonly jti: string;
    readonly issuedAt: number;
    readonly expiresAt: number;
}
interface MadeBy {
    readonly issuer: string | null;
    readonly provider?: string | null;
}
interface RefreshRequest extends MadeBy {
    readonly refreshToken: string;
    readonly dpopKeyPair: DpopKeyPair | null;
    readonly subject: string;
    readonly scope: string | null;
    readonly signal?: AbortSignal;
}
interface RefusedGrant extends Pick<TokenSet, 'refreshToken' | 'dpopKeyPair'> {
    readonly issuer: string;
    readonly provider?: string | null;
    readonly subject: string | null;
}
interface RevocationRequest extends MadeBy {
    readonly token: string;
    readonly hint: 'refresh_token' | 'access_token';
    readonly dpopKeyPair: DpopKeyPair | null;
    readonly signal?: AbortSignal;
}
interface TokenSet {
    readonly accessToken: string;
    readonly expiresIn: number | null;
    readonly refreshToken: string | null;
    readonly refreshTokenExpiresIn: number | null;
    readonly idToken: string | null;
    readonly scope: string | null;
    readonly dpopKeyPair: DpopKeyPair | null;
    readonly claims: Claims | null;
    readonly userInfo?: Claims | null;
}
interface WithInsecureOptions {
    readonly insecureOptions?: readonly InsecureOption[];
}
type ProviderTransaction = Readonly<Record<string, unknown>>;

// index.d.ts
declare const systemClock: Clock;
declare function createBff<Metadata = Readonly<Record<string, unknown>>, PublicKey extends keyof Metadata & string = never>(config: BffConfig<Metadata, PublicKey>): Bff<Metadata, PublicKey>;
declare function createEncryptor(options: EncryptorOptions): Encryptor;
declare function createParts<Metadata = Readonly<Record<string, unknown>>>(config: PartsConfig<Metadata>): StandaloneParts<Metadata>;
declare function generateEncryptionKey(): string;
declare function jsonReply(status: number, body: unknown, cookies?: readonly string[], extra?: Reply['headers']): Reply;
declare function webRequestView(request: Request, remoteAddress?: string): RequestView;
declare function webResponse({ status, headers, body, signal }: Reply): Response;
export { AboutRequest, AboutSession, AttachContext, Attachable, BFF_ERROR_CODES, BffErrorCode, BffEventDetail, BffEventMap, BffEventOf, CoreErrorCode, Emit, LogoutEvent, LogoutEventMap, PluginErrorCodes, Topic } from './attachable.js';
export { AccessTokens, Claims, DpopKeyPair, Session, SessionIdentity, SessionPatch, SessionTokens, TokenTarget } from './session.js';
export { AnyOwnerFilter, CleanupOptions, Page, RevokeAllOutcome, RevokeOutcome, SessionFilter, SessionPage, SessionStore } from './session-store.js';
export { ApiProxy, ApiProxyDependencies, ApiProxyFactory, ApiRoute } from './api-proxy.js';
export { ApiTokenRequest, AuthorizationRedirect, AuthorizationRequest, EndSessionRequest, Grant, IdentityProvider, InsecureOption, LogoutTokenClaims, MadeBy, ProviderTransaction, RefreshRequest, RefusedGrant, RevocationRequest, TokenSet, WithInsecureOptions } from './identity-provider.js';
export { Bff, BffConfig, BffEvent, Clock, Encryptor, PartsConfig, Reply, RequestView, StandaloneParts, createBff, createEncryptor, createParts, generateEncryptionKey, jsonReply, systemClock, type EncryptorOptions, webRequestView, webResponse };
export { BffError, BffErrorOptions, isBffError } from './bff-error.js';
export { ChangeOf, CookieOptions, CookiePolicy, CsrfCheck, CsrfOptions, CsrfPolicy, IssuedSession, LoginOptions, LogoutOptions, MetadataResult, MetadataSchema, RefreshOptions, ResolvedOptions, RevokedBy, SessionChange, SessionOptions, SessionSummaries, SessionSummary, Sessions } from './sessions.js';
export { CsrfGuard, Hooks, Lifecycle, LiveRequestSession, LogoutMarks, MarkedSession, Parts, RequestSession, RequestSessions, RevocationCause, RevocationPolicy, SessionChoice, SessionRevocation, TokenOwner, TokenRefresh, TokenRevocation } from './parts.js';
export { Endpoint, EndpointDescription, EndpointDescriptions, EndpointLimit, Json, Plugin, PluginContext, PluginFactory, SignInRequest } from './plugin.js';
export { EventBus, Stores, TtlStore, TtlWriteOptions } from './stores.js';
export { GuardOptions, ServedBff } from './bff.js';
export { NewSession } from './new-session.js';
export { OriginSource } from './origin-source.js';
export { Revocation, SessionHandle, SessionRecord } from './session-fields.js';
export { SealContext } from './encryptor.js';
export { SessionCache, SessionCacheContext, SessionCacheFactory } from './session-cache.js';
export { SessionTimes, hasDpop, isAccessTokenExpired, isActive, isExpired, isRefreshTokenExpired, needsRefresh } from './lifetime.js';
import { Bff } from './bff.js';
import { BffConfig, PartsConfig } from './config.js';
import { BffEvent, Clock } from './attachable.js';
import { Encryptor } from './encryptor.js';
import { Reply } from './sessions.js';
import { RequestView } from './request-view.js';
import { StandaloneParts } from './parts.js';
interface EncryptorOptions {
    readonly keys: readonly string[];
    readonly onEvent?: (event: BffEvent) => void;
    readonly clock?: Clock;
}

// key.d.ts
declare function encryptionKeyId(key: string): Promise<string>;
declare function inspectKeys(sessions: SessionStore, encryptor: Encryptor, options?: ResealOptions): Promise<KeyReport>;
declare function isNewestKeyInUse(sessions: SessionStore, encryptor: Encryptor, clock?: Clock): Promise<boolean>;
declare function resealSessions(sessions: SessionStore, encryptor: Encryptor, options?: ResealOptions): Promise<KeyReport>;
export { encryptionKeyId, inspectKeys, isNewestKeyInUse, resealSessions, type KeyReport, type OlderKey, type ResealOptions };
import './session.js';
import './session-fields.js';
import { Clock } from './attachable.js';
import { Encryptor } from './encryptor.js';
import { SessionStore } from './session-store.js';
interface KeyReport {
    readonly isComplete: boolean;
    readonly sessions: number;
    readonly resealed: number;
    readonly broken: number;
    readonly olderKeys: readonly OlderKey[];
}
interface OlderKey {
    readonly id: string | null;
    readonly isMissing: boolean;
    readonly sessions: number;
    readonly idleUntil: number;
    readonly until: number;
}
interface ResealOptions {
    readonly onProgress?: (report: KeyReport) => void;
    readonly signal?: AbortSignal;
    readonly clock?: Clock;
}

// lifetime.d.ts
declare function endOfSession({ expiresAt, absoluteExpiresAt, refreshTokenExpiresAt }: SessionEnds): number;
declare function expiredLimit(session: SessionTimes, now: number): 'idle' | 'absolute' | 'refresh_token' | null;
declare function hasDpop(session: Pick<SessionRecord, 'dpopKeyPairEncrypted' | 'dpopThumbprint'>): boolean;
declare function idleExpiry({ absoluteExpiresAt }: Pick<SessionRecord, 'absoluteExpiresAt'>, idleTimeoutMs: number, now: number): number;
declare function isAccessTokenExpired(session: SessionTimes, now: number): boolean;
declare function isActive(session: SessionTimes & Pick<SessionRecord, 'revocation'>, now: number): boolean;
declare function isExpired(session: SessionTimes, now: number): boolean;
declare function isRefreshTokenExpired(session: SessionTimes, now: number): boolean;
declare function needsRefresh(session: SessionTimes, thresholdMs: number, now: number): boolean;
export { endOfSession, expiredLimit, hasDpop, idleExpiry, isAccessTokenExpired, isActive, isExpired, isRefreshTokenExpired, needsRefresh, type SessionEnds, type SessionTimes };
import { SessionRecord } from './session-fields.js';
type SessionEnds = Pick<SessionRecord, 'expiresAt' | 'absoluteExpiresAt' | 'refreshTokenExpiresAt'>;
type SessionTimes = Pick<SessionRecord, 'expiresAt' | 'absoluteExpiresAt' | 'accessTokenIssuedAt' | 'accessTokenExpiresAt' | 'refreshTokenExpiresAt'>;

// new-session.d.ts
export type { NewSession };
import { Claims } from './session.js';
import { TokenSet } from './identity-provider.js';
interface NewSession<Metadata = Readonly<Record<string, unknown>>> {
    readonly userId: string;
    readonly issuer?: string | null;
    readonly subject?: string | null;
    readonly provider?: string | null;
    readonly tokens?: Pick<TokenSet, 'accessToken'> & Partial<TokenSet>;
    readonly claims?: Claims;
    readonly sessionState?: string | null;
    readonly absoluteTimeoutMs?: number;
    readonly providerSessionId?: string | null;
    readonly organizationId?: string | null;
    readonly deviceId?: string | null;
    readonly clientPublicKey?: string | null;
    readonly metadata?: Readonly<Partial<Metadata>>;
    readonly ipAddress?: string | null;
    readonly userAgent?: string | null;
}

// openapi.d.ts
declare function openapi(options?: OpenApiOptions): PluginFactory;
declare function openapiDocument(context: PluginContext, options?: OpenApiOptions): Promise<OpenApiDocument>;
export { openapi, openapiDocument, type OpenApiDocument, type OpenApiOperation, type OpenApiOptions };
import './attachable.js';
import './encryptor.js';
import './identity-provider.js';
import './new-session.js';
import './origin-source.js';
import './parts.js';
import './request-view.js';
import './session.js';
import './session-fields.js';
import './session-store.js';
import './sessions.js';
import './stores.js';
import { Json, PluginContext, PluginFactory } from './plugin.js';
interface OpenApiDocument {
    readonly openapi: '3.1.0';
    readonly info: {
        readonly title: string;
        readonly version: string;
        readonly description?: string;
    };
    readonly servers: ReadonlyArray<{
        readonly url: string;
    }>;
    readonly paths: Readonly<Record<string, Readonly<Record<string, OpenApiOperation>>>>;
    readonly components: {
        readonly securitySchemes: Readonly<Record<string, Json>>;
        readonly schemas: Readonly<Record<string, Json>>;
        readonly responses: Readonly<Record<string, Json>>;
        readonly parameters: Readonly<Record<string, Json>>;
    };
}
interface OpenApiOperation {
    readonly operationId: string;
    readonly summary: string;
    readonly description?: string;
    readonly tags: readonly string[];
    readonly parameters?: readonly Json[];
    readonly requestBody?: Json;
    readonly responses: Readonly<Record<string, Json>>;
    readonly security?: ReadonlyArray<Readonly<Record<string, readonly string[]>>>;
    readonly [extension: `x-${string}`]: Json;
}
interface OpenApiOptions {
    readonly title?: string;
    readonly version?: string;
    readonly tags?: readonly string[];
    readonly rateLimit?: {
        readonly requestsPerMinute: number;
        readonly burst: number;
    };
}

// origin-source.d.ts
export type { OriginSource };
import { Attachable } from './attachable.js';
import { RequestView } from './request-view.js';
interface OriginSource extends Attachable {
    readonly main: string;
    readonly listed?: readonly string[];
    find(request: RequestView): string | null | Promise<string | null>;
}

// origins.d.ts
declare function origins(all: readonly string[], options?: ListedOriginsOptions): OriginSource;
declare function origins(options: LoadedOriginsOptions): OriginSource;
export { origins, type ListedOriginsOptions, type LoadOrigin, type LoadedOriginsOptions };
import './request-view.js';
import './session-fields.js';
import { Clock } from './attachable.js';
import { OriginSource } from './origin-source.js';
interface ListedOriginsOptions {
    readonly trustedProxies?: readonly string[];
}
interface LoadedOriginsOptions extends ListedOriginsOptions {
    readonly main: string;
    readonly load: LoadOrigin;
    readonly ttlMs?: number;
    readonly max?: number;
    readonly clock?: Clock;
}
type LoadOrigin = (host: string) => string | null | Promise<string | null>;

// parts.d.ts
declare const REVOCATION_POLICIES: readonly [
    "when-last",
    "always",
    "never"
];
export type { CsrfGuard, Hooks, Lifecycle, LiveRequestSession, LogoutMarks, MarkedSession, Parts, RequestSession, RequestSessions, RevocationCause, RevocationPolicy, SessionChoice, SessionRevocation, StandaloneParts, TokenOwner, TokenRefresh, TokenRevocation };
import { AnyOwnerFilter, RevokeOutcome, SessionFilter } from './session-store.js';
import { Claims, Session, SessionTokens } from './session.js';
import { Clock, Emit } from './attachable.js';
import { CsrfCheck, Reply, ResolvedOptions, Sessions } from './sessions.js';
import { Encryptor } from './encryptor.js';
import { IdentityProvider, MadeBy, TokenSet } from './identity-provider.js';
import { NewSession } from './new-session.js';
import { RequestView } from './request-view.js';
import { Revocation, SessionHandle, SessionRecord } from './session-fields.js';
import { Stores } from './stores.js';
interface CsrfGuard {
    require(request: RequestView, path: string, check?: CsrfCheck | boolean): void;
}
interface Hooks<Metadata> {
    readonly onCreateSession?: (draft: NewSession, request: RequestView, kept: Readonly<Record<string, string>>) => Promise<SessionChoice | undefined> | SessionChoice | undefined;
    readonly onSessionLoad?: (session: Session<Metadata>, request: RequestView) => Promise<void> | void;
    readonly onSessionExpired?: (session: Session<Metadata>, request: RequestView) => Promise<void> | void;
    readonly onSessionInvalid?: (request: RequestView) => Promise<void> | void;
    readonly onNoSession?: (request: RequestView) => Promise<void> | void;
    readonly onRefresh?: (session: Session<Metadata>) => Promise<void> | void;
    readonly onUserClaims?: (claims: Claims, session: Session<Metadata>, request: RequestView) => Promise<Claims> | Claims;
    readonly onLogout?: (session: Session<Metadata>) => Promise<void> | void;
}
interface Lifecycle {
    readonly isClosing: boolean;
    run<T>(work: () => Promise<T>): Promise<T>;
}
interface LiveRequestSession {
    readonly state: 'live';
    readonly session: Session;
    readonly id: string;
    touched?: boolean | Promise<boolean>;
}
interface LogoutMarks {
    begin(): Promise<number>;
    set(filter: SessionFilter | AnyOwnerFilter, by: RevocationCause): Promise<void>;
    find(session: MarkedSession, began: number): Promise<RevocationCause | null>;
}
interface Parts<Metadata = Readonly<Record<string, unknown>>> {
    readonly options: ResolvedOptions;
    readonly stores: Stores;
    readonly encryptor: Encryptor;
    readonly provider: IdentityProvider | null;
    readonly sessions: Sessions<Metadata>;
    readonly requests: RequestSessions;
    readonly tokens: TokenRefresh;
    readonly csrf: CsrfGuard;
    readonly sessionRevocation: SessionRevocation;
    readonly marks: LogoutMarks;
    readonly tokenRevocation: TokenRevocation;
    readonly lifecycle: Lifecycle;
    readonly hooks: Hooks<Readonly<Record<string, unknown>>>;
    readonly clock: Clock;
    readonly emit: Emit;
    originOf(request: RequestView): string;
    readonly findOrigin: ((request: RequestView) => Promise<void>) | null;
    clientAddress(request: RequestView): string | null;
    errorReply(error: unknown, path: string): Reply;
}
interface RequestSessions {
    load(request: RequestView): Promise<RequestSession>;
    require(request: RequestView): Promise<Session>;
    get(request: RequestView): Promise<Session | null>;
    touch(found: LiveRequestSession): Promise<boolean>;
    cookie(id: string, absoluteExpiresAt: number): string;
    readonly deletion: string;
}
interface SessionRevocation {
    revoke(handle: SessionHandle, by: RevocationCause, options?: {
        readonly revokeTokens?: boolean;
    }): Promise<{
        outcome: RevokeOutcome['outcome'];
        tokens: SessionTokens | null;
    } | null>;
    revokeAll(filter: SessionFilter, by: RevocationCause): Promise<readonly SessionRecord[]>;
    evicting(user: Pick<SessionRecord, 'userId' | 'subject' | 'issuer' | 'provider'>, create: () => Promise<{
        readonly evicted: readonly SessionHandle[];
    }>): Promise<void>;
}
interface StandaloneParts<Metadata = Readonly<Record<string, unknown>>> extends Parts<Metadata> {
    close(): Promise<void>;
}
interface TokenOwner extends MadeBy {
    readonly userId: string | null;
    readonly subject: string | null;
}
interface TokenRefresh {
    ensureFresh(record: SessionRecord): Promise<SessionRecord | null>;
    refresh(record: SessionRecord): Promise<SessionRecord | null>;
    refreshSession(session: Pick<Session, 'handle'>): Promise<Session | null>;
    replaceRefused(session: Session): Promise<Session | null>;
}
interface TokenRevocation {
    readonly isOn: boolean;
    readonly isUnconditional: boolean;
    revoke(owner: TokenOwner, tokens: Pick<TokenSet, 'refreshToken' | 'dpopKeyPair'>): void;
    close(): Promise<void>;
}
type MarkedSession = Pick<SessionRecord, 'userId' | 'organizationId' | 'issuer' | 'subject' | 'providerSessionId' | 'deviceId'>;
type RequestSession = {
    readonly state: 'none';
} | LiveRequestSession | {
    readonly state: 'expired';
    readonly session: Session;
    readonly id: string;
} | {
    readonly state: 'invalid';
} | {
    readonly state: 'refused';
    readonly session: Session;
    readonly id: string;
    readonly error: unknown;
};
type RevocationCause = Omit<Revocation, 'at'>;
type RevocationPolicy = (typeof REVOCATION_POLICIES)[number];
type SessionChoice = Partial<Omit<NewSession, keyof MadeBy | 'subject'>>;

// plugin.d.ts
export type { Endpoint, EndpointDescription, EndpointDescriptions, EndpointLimit, Json, Plugin, PluginContext, PluginFactory, SignInRequest };
import { BffErrorCode } from './attachable.js';
import { NewSession } from './new-session.js';
import { Parts } from './parts.js';
import { Reply } from './sessions.js';
import { RequestView } from './request-view.js';
import { Session } from './session.js';
interface Endpoint {
    readonly methods: Readonly<Record<string, (request: RequestView, query: URLSearchParams) => Promise<Reply>>>;
    readonly csrfExempt?: readonly string[];
    readonly formMethods?: readonly string[];
    readonly getChanges?: boolean;
    readonly limit?: EndpointLimit | 'none';
    describe?(): EndpointDescriptions | Promise<EndpointDescriptions>;
}
interface EndpointDescription {
    readonly operationId: string;
    readonly summary: string;
    readonly parameters?: readonly Json[];
    readonly requestBody?: Json;
    readonly responses: Readonly<Record<string, Json>>;
    readonly schemas?: Readonly<Record<string, Json>>;
    readonly session: boolean;
}
interface EndpointLimit {
    readonly bucket: string;
    readonly callers?: 'person' | 'api';
    readonly ignoreUnopened?: boolean;
}
interface Plugin {
    readonly endpoints?: Readonly<Record<string, Endpoint>>;
    readonly middleware?: (request: RequestView, path: string, next: () => Promise<Reply>) => Promise<Reply>;
    signInParameters?(query: URLSearchParams): Readonly<Record<string, string>>;
    onSignIn?(session: Session, startedAt: number): Promise<void>;
    checkSession?(session: Session, request: RequestView): Promise<void>;
    readonly limitsRate?: boolean;
    readonly embeds?: boolean;
    onReady?(): void;
    close?(): Promise<void>;
}
interface PluginContext extends Parts {
    readonly endpoints: ReadonlyArray<readonly [
        path: string,
        endpoint: Endpoint
    ]>;
    readonly plugins: readonly Plugin[];
    signIn(request: RequestView, how: SignInRequest): Promise<Reply>;
    admit(draft: NewSession, request: RequestView, kept?: Readonly<Record<string, string>>): Promise<NewSession>;
    reportFailedSignIn(error: unknown): BffErrorCode;
}
interface SignInRequest {
    readonly returnTo: string;
    readonly parameters: Readonly<Record<string, string>>;
    readonly kept?: Readonly<Record<string, string>>;
    readonly mark?: string;
    readonly isApart?: boolean;
}
type EndpointDescriptions = Readonly<Record<string, EndpointDescription>>;
type Json = string | number | boolean | null | readonly Json[] | {
    readonly [key: string]: Json;
};
type PluginFactory = (context: PluginContext) => Plugin;

// providers.d.ts
declare function providers(options: LoadedProvidersOptions): IdentityProvider;
declare function providers<Name extends string>(all: Readonly<Record<Name, IdentityProvider>>, options?: NamedProvidersOptions<NoInfer<Name>>): IdentityProvider;
export { providers, type ChooseProvider, type LoadedProvidersOptions, type NamedProvidersOptions };
import './session.js';
import './session-fields.js';
import { Clock } from './attachable.js';
import { IdentityProvider } from './identity-provider.js';
import { RequestView } from './request-view.js';
interface LoadedProvidersOptions extends NamedProvidersOptions {
    readonly load: (name: string) => IdentityProvider | null | Promise<IdentityProvider | null>;
    readonly ttlMs?: number;
    readonly max?: number;
    readonly clock?: Clock;
}
interface NamedProvidersOptions<Name extends string = string> {
    readonly default?: Name;
    readonly choose?: ChooseProvider;
}
type ChooseProvider = (request: RequestView) => string | null | undefined | Promise<string | null | undefined>;

// proxy-route.d.ts
export type { ClientTokenSource, ProxyRoute, TokenRequest, Upstream, UpstreamRequest, UpstreamResponse, UserTokenSource };
import { AccessTokens, Session, TokenTarget } from './session.js';
import { Attachable } from './attachable.js';
interface ProxyRoute {
    readonly path: string;
    readonly target: string;
    readonly stripPrefix?: boolean;
    readonly rewritePath?: (path: string) => string;
    readonly token?: 'user' | 'user-or-none' | 'none' | 'client' | 'user-or-client';
    readonly clientToken?: ClientTokenSource;
    readonly userToken?: TokenTarget | UserTokenSource;
    readonly csrf?: 'header' | 'same-origin';
    readonly methods?: readonly string[];
    readonly allowPathParameters?: boolean;
    readonly webSocket?: boolean;
    readonly forwardHeaders?: readonly string[];
    readonly removeHeaders?: readonly string[];
    readonly removeResponseHeaders?: readonly string[];
    readonly allowSetCookie?: readonly string[];
    readonly onRequest?: (headers: Map<string, string>, session: Session | null) => Promise<void> | void;
    readonly maxBodyBytes?: number;
    readonly replayBodyBytes?: number;
    readonly headersTimeoutMs?: number;
    readonly idleTimeoutMs?: number;
    readonly totalTimeoutMs?: number;
}
interface TokenRequest {
    readonly rejected: string | null;
    readonly signal: AbortSignal;
}
interface Upstream {
    send(request: UpstreamRequest): Promise<UpstreamResponse>;
    upgrade?(request: UpstreamRequest): Promise<UpstreamResponse>;
    close(): Promise<void>;
}
interface UpstreamRequest {
    readonly method: string;
    readonly url: string;
    readonly headers: ReadonlyArray<readonly [
        name: string,
        value: string
    ]>;
    readonly body: AsyncIterable<Uint8Array> | Uint8Array | null;
    readonly signal: AbortSignal;
    readonly onAbort?: (stop: (reason: unknown) => void) => void;
    readonly headersTimeoutMs: number;
}
interface UpstreamResponse {
    readonly status: number;
    readonly headers: ReadonlyArray<readonly [
        name: string,
        value: string
    ]>;
    readonly body: AsyncIterable<Uint8Array> | null;
    readonly bytes?: Uint8Array;
}
type ClientTokenSource = ((request: TokenRequest) => Promise<AccessTokens>) & Attachable;
type UserTokenSource = ((session: Session, request: TokenRequest) => Promise<AccessTokens | null>) & Attachable;

// proxy.d.ts
declare function apiProxy(options: ApiProxyOptions): ApiProxyFactory;
declare function fetchUpstream(): Upstream;
declare function sessionFetch(options: SessionFetchOptions): SessionFetch;
export { ClientTokenSource, TokenRequest, UpstreamRequest, UpstreamResponse } from './proxy-route.js';
export { ProxyRoute, Upstream, UserTokenSource, apiProxy, fetchUpstream, sessionFetch, type ApiProxyOptions, type SessionFetch, type SessionFetchOptions };
import './encryptor.js';
import './identity-provider.js';
import './new-session.js';
import './origin-source.js';
import './parts.js';
import './request-view.js';
import './session-fields.js';
import './session-store.js';
import './sessions.js';
import './stores.js';
import { ApiProxyFactory } from './api-proxy.js';
import { Clock } from './attachable.js';
import { ProxyRoute, Upstream, UserTokenSource } from './proxy-route.js';
import { Session, TokenTarget } from './session.js';
interface ApiProxyOptions {
    readonly routes: readonly ProxyRoute[];
    readonly upstream?: Upstream;
}
interface SessionFetchOptions {
    readonly origins: readonly string[];
    readonly userToken?: TokenTarget | UserTokenSource;
    readonly upstream?: Upstream;
    readonly headersTimeoutMs?: number;
    readonly clock?: Clock;
}
type SessionFetch = (session: Session, url: string | URL, init?: RequestInit) => Promise<Response>;

// rate-limit.d.ts
declare function bucketOf({ name, requestsPerMinute, burst }: RateLimitPolicy, cost?: number): TokenBucket;
declare function decisionOf({ step, depth }: TokenBucket, allowed: boolean, missing: number, cost: number): RateLimitDecision;
declare function limitRequests(options?: LimitRequestsOptions): (request: RequestView, next: () => Promise<Reply>) => Promise<Reply>;
declare function memoryRateLimiter(options?: MemoryRateLimiterOptions): MemoryRateLimiter;
declare function rateLimit(options?: RateLimitOptions): PluginFactory;
export { bucketOf, decisionOf, limitRequests, memoryRateLimiter, rateLimit, type LimitExceeded, type LimitKey, type LimitRequestsOptions, type LimitingOptions, type MemoryRateLimiter, type MemoryRateLimiterOptions, type RateLimit, type RateLimitDecision, type RateLimitHeaders, type RateLimitOptions, type RateLimitPolicy, type RateLimiter, type TokenBucket };
import './encryptor.js';
import './identity-provider.js';
import './new-session.js';
import './origin-source.js';
import './parts.js';
import './session.js';
import './session-fields.js';
import './session-store.js';
import './stores.js';
import { Attachable, BffEvent, Clock } from './attachable.js';
import { PluginFactory } from './plugin.js';
import { Reply } from './sessions.js';
import { RequestView } from './request-view.js';
interface LimitExceeded extends RateLimitDecision {
    readonly policy: RateLimitPolicy;
}
interface LimitRequestsOptions extends RateLimit, LimitingOptions {
    readonly name?: string;
    readonly clientAddress?: (request: RequestView) => string | null;
    readonly onEvent?: (event: BffEvent) => void;
    readonly clock?: Clock;
}
interface LimitingOptions {
    readonly key?: (request: RequestView, address: string | null) => LimitKey | Promise<LimitKey>;
    readonly ipv6Prefix?: number;
    readonly headers?: RateLimitHeaders;
    readonly limiter?: RateLimiter;
    readonly onOutage?: 'local' | 'closed' | 'open';
    readonly onLimitExceeded?: (exceeded: LimitExceeded, request: RequestView) => Reply | undefined | Promise<Reply | undefined>;
}
interface MemoryRateLimiter extends RateLimiter {
    readonly size: number;
}
interface MemoryRateLimiterOptions {
    readonly maxKeys?: number;
    readonly clock?: Clock;
}
interface RateLimit {
    readonly requestsPerMinute?: number;
    readonly burst?: number;
}
interface RateLimitDecision {
    readonly allowed: boolean;
    readonly remaining: number;
    readonly nextMs: number;
    readonly fullMs: number;
    readonly retryAfterMs: number;
}
interface RateLimitOptions extends RateLimit, LimitingOptions {
    readonly endpoints?: Readonly<Record<string, RateLimit>>;
    readonly apis?: RateLimit;
    readonly exclude?: readonly string[];
}
interface RateLimitPolicy {
    readonly name: string;
    readonly requestsPerMinute: number;
    readonly burst: number;
}
interface RateLimiter extends Attachable {
    consume(key: string, policy: RateLimitPolicy, cost?: number): Promise<RateLimitDecision>;
    close(): Promise<void>;
}
interface TokenBucket {
    readonly step: number;
    readonly depth: number;
}
type LimitKey = string | readonly string[] | null;
type RateLimitHeaders = 'standard' | 'legacy' | 'both' | 'none';

// request-view.d.ts
export type { RequestView };
interface RequestView {
    readonly method: string;
    readonly target: string;
    readonly host?: string | undefined;
    readonly remoteAddress: string | undefined;
    header(name: string): string | undefined;
    headers(): Iterable<readonly [
        name: string,
        value: string
    ]>;
    body(): AsyncIterable<Uint8Array> | undefined;
    readonly signal: AbortSignal;
    onDisconnect?(leave: () => void): () => void;
    readonly upgrade?: boolean;
}

// session.d.ts
export type { AccessTokens, Claims, DpopKeyPair, Session, SessionIdentity, SessionPatch, SessionTokens, TokenTarget };
import { FieldsWith, SessionRecord } from './session-fields.js';
interface AccessTokens {
    readonly accessToken: string;
    readonly dpopKeyPair: DpopKeyPair | null;
}
interface DpopKeyPair {
    readonly privateJwk: Readonly<JsonWebKey>;
    readonly publicJwk: Readonly<JsonWebKey>;
    readonly thumbprint: string;
}
interface Session<Metadata = Readonly<Record<string, unknown>>> extends Pick<SessionRecord, Exclude<FieldsWith<{
    seen: true;
}>, 'metadata'>> {
    readonly metadata: Metadata;
    readonly hasAccessToken: boolean;
    readonly hasRefreshToken: boolean;
    tokens(): Promise<AccessTokens | null>;
    tokensFor(target: TokenTarget, options?: {
        readonly rejected?: string | null;
    }): Promise<AccessTokens | null>;
    identity(): Promise<SessionIdentity>;
}
interface SessionIdentity {
    readonly claims: Claims;
    readonly scope: string | null;
    readonly sessionState: string | null;
}
interface SessionTokens extends AccessTokens {
    readonly refreshToken: string | null;
    readonly idToken: string | null;
}
interface TokenTarget {
    readonly resource?: string;
    readonly audience?: string;
    readonly scope?: string;
}
type Claims = Readonly<Record<string, unknown>>;
type SessionPatch = Partial<Pick<SessionRecord, FieldsWith<{
    mutable: true;
}>>> & {
    readonly updatedAt: number;
};

// session-cache.d.ts
export type { SessionCache, SessionCacheContext, SessionCacheFactory };
import { Clock, Emit } from './attachable.js';
import { SessionHandle, SessionRecord } from './session-fields.js';
import { SessionStore } from './session-store.js';
import { Stores } from './stores.js';
interface SessionCache {
    readonly sessions: SessionStore;
    peek(handle: SessionHandle): SessionRecord | undefined;
    read(handle: SessionHandle): Promise<SessionRecord | null>;
}
interface SessionCacheContext {
    readonly stores: Stores;
    readonly clock: Clock;
    readonly emit: Emit;
}
type SessionCacheFactory = (context: SessionCacheContext) => SessionCache;

// session-fields.d.ts
declare const ABSENT: {
    readonly revocation: null;
    readonly previousSecretHash: null;
    readonly previousSecretUntil: null;
    readonly organizationId: null;
    readonly issuer: null;
    readonly subject: null;
    readonly provider: null;
    readonly providerSessionId: null;
    readonly deviceId: null;
    readonly clientPublicKey: null;
    readonly deviceKey: null;
    readonly accessTokenEncrypted: null;
    readonly refreshTokenEncrypted: null;
    readonly idTokenEncrypted: null;
    readonly claimsEncrypted: null;
    readonly dpopKeyPairEncrypted: null;
    readonly dpopThumbprint: null;
    readonly accessTokenIssuedAt: null;
    readonly accessTokenExpiresAt: null;
    readonly refreshTokenExpiresAt: null;
    readonly ipAddress: null;
    readonly userAgent: null;
};
declare const SESSION_FIELDS: {
    readonly handle: {
        readonly type: "handle";
        readonly seen: true;
        readonly personal: "plain";
    };
    readonly version: {
        readonly type: "integer";
        readonly seen: true;
    };
    readonly secretHash: {
        readonly type: "ascii";
        readonly max: 64;
        readonly mutable: true;
        readonly personal: "plain";
    };
    readonly previousSecretHash: {
        readonly type: "ascii";
        readonly max: 64;
        readonly nullable: true;
        readonly mutable: true;
        readonly personal: "plain";
    };
    readonly previousSecretUntil: {
        readonly type: "time";
        readonly nullable: true;
        readonly mutable: true;
    };
    readonly userId: {
        readonly type: "text";
        readonly max: 255;
        readonly seen: true;
        readonly personal: "hashed";
    };
    readonly organizationId: {
        readonly type: "text";
        readonly max: 255;
        readonly nullable: true;
        readonly mutable: true;
        readonly seen: true;
        readonly personal: "hashed";
    };
    readonly issuer: {
        readonly type: "text";
        readonly max: 255;
        readonly nullable: true;
        readonly seen: true;
        readonly personal: "plain";
    };
    readonly subject: {
        readonly type: "text";
        readonly max: 255;
        readonly nullable: true;
        readonly seen: true;
        readonly personal: "hashed";
    };
    readonly provider: {
        readonly type: "text";
        readonly max: 255;
        readonly nullable: true;
        readonly seen: true;
        readonly personal: "plain";
    };
    readonly providerSessionId: {
        readonly type: "text";
        readonly max: 255;
        readonly nullable: true;
        readonly mutable: true;
        readonly seen: true;
        readonly personal: "hashed";
    };
    readonly deviceId: {
        readonly type: "text";
        readonly max: 255;
        readonly nullable: true;
        readonly mutable: true;
        readonly seen: true;
        readonly personal: "hashed";
    };
    readonly clientPublicKey: {
        readonly type: "longText";
        readonly nullable: true;
        readonly mutable: true;
        readonly seen: true;
        readonly personal: "hidden";
    };
    readonly deviceKey: {
        readonly type: "longText";
        readonly nullable: true;
        readonly mutable: true;
        readonly seen: true;
        readonly personal: "plain";
    };
    readonly accessTokenEncrypted: {
        readonly type: "sealed";
        readonly nullable: true;
        readonly mutable: true;
    };
    readonly refreshTokenEncrypted: {
        readonly type: "sealed";
        readonly nullable: true;
        readonly mutable: true;
    };
    readonly idTokenEncrypted: {
        readonly type: "sealed";
        readonly nullable: true;
        readonly mutable: true;
    };
    readonly claimsEncrypted: {
        readonly type: "sealed";
        readonly nullable: true;
        readonly mutable: true;
    };
    readonly dpopKeyPairEncrypted: {
        readonly type: "sealed";
        readonly nullable: true;
        readonly mutable: true;
    };
    readonly dpopThumbprint: {
        readonly type: "ascii";
        readonly max: 64;
        readonly nullable: true;
        readonly mutable: true;
        readonly seen: true;
        readonly personal: "plain";
    };
    readonly accessTokenIssuedAt: {
        readonly type: "time";
        readonly nullable: true;
        readonly mutable: true;
        readonly seen: true;
    };
    readonly accessTokenExpiresAt: {
        readonly type: "time";
        readonly nullable: true;
        readonly mutable: true;
        readonly seen: true;
    };
    readonly refreshTokenExpiresAt: {
        readonly type: "time";
        readonly nullable: true;
        readonly mutable: true;
        readonly seen: true;
    };
    readonly metadata: {
        readonly type: "json";
        readonly mutable: true;
        readonly seen: true;
        readonly personal: "hidden";
    };
    readonly ipAddress: {
        readonly type: "ascii";
        readonly max: 45;
        readonly nullable: true;
        readonly seen: true;
        readonly personal: "hidden";
    };
    readonly userAgent: {
        readonly type: "text";
        readonly max: 500;
        readonly nullable: true;
        readonly seen: true;
        readonly personal: "hidden";
    };
    readonly createdAt: {
        readonly type: "time";
        readonly seen: true;
    };
    readonly updatedAt: {
        readonly type: "time";
        readonly seen: true;
    };
    readonly lastAccessedAt: {
        readonly type: "time";
        readonly seen: true;
    };
    readonly expiresAt: {
        readonly type: "time";
        readonly seen: true;
    };
    readonly absoluteExpiresAt: {
        readonly type: "time";
        readonly seen: true;
    };
    readonly revocation: {
        readonly type: "revocation";
        readonly max: 255;
        readonly nullable: true;
    };
};
declare const handleBrand: unique symbol;
declare function fieldsWith<const Facts extends Partial<SessionFieldFacts>>(facts: Facts): readonly FieldsWith<Facts>[];
export { ABSENT, SESSION_FIELDS, fieldsWith, type FieldsWith, type Revocation, type SessionField, type SessionFieldFacts, type SessionFieldType, type SessionFieldValues, type SessionHandle, type SessionRecord };
interface Revocation {
    readonly at: number;
    readonly reasonCode: string;
    readonly actorType: string;
    readonly actorId: string | null;
}
interface SessionFieldFacts {
    readonly type: SessionFieldType;
    readonly max?: number;
    readonly nullable?: true;
    readonly mutable?: true;
    readonly seen?: true;
    readonly personal?: 'hashed' | 'hidden' | 'plain';
}
interface SessionFieldValues {
    readonly handle: SessionHandle;
    readonly ascii: string;
    readonly text: string;
    readonly longText: string;
    readonly integer: number;
    readonly time: number;
    readonly sealed: Uint8Array;
    readonly json: Readonly<Record<string, unknown>>;
    readonly revocation: Revocation;
}
interface SessionRecord {
    readonly handle: SessionHandle;
    readonly version: number;
    readonly secretHash: string;
    readonly previousSecretHash: string | null;
    readonly previousSecretUntil: number | null;
    readonly userId: string;
    readonly organizationId: string | null;
    readonly issuer: string | null;
    readonly subject: string | null;
    readonly provider: string | null;
    readonly providerSessionId: string | null;
    readonly deviceId: string | null;
    readonly clientPublicKey: string | null;
    readonly deviceKey: string | null;
    readonly accessTokenEncrypted: Uint8Array | null;
    readonly refreshTokenEncrypted: Uint8Array | null;
    readonly idTokenEncrypted: Uint8Array | null;
    readonly claimsEncrypted: Uint8Array | null;
    readonly dpopKeyPairEncrypted: Uint8Array | null;
    readonly dpopThumbprint: string | null;
    readonly accessTokenIssuedAt: number | null;
    readonly accessTokenExpiresAt: number | null;
    readonly refreshTokenExpiresAt: number | null;
    readonly metadata: Readonly<Record<string, unknown>>;
    readonly ipAddress: string | null;
    readonly userAgent: string | null;
    readonly createdAt: number;
    readonly updatedAt: number;
    readonly lastAccessedAt: number;
    readonly expiresAt: number;
    readonly absoluteExpiresAt: number;
    readonly revocation: Revocation | null;
}
type FieldsWith<Facts extends Partial<SessionFieldFacts>> = {
    [Field in SessionField]: (typeof SESSION_FIELDS)[Field] extends Facts ? Field : never;
}[SessionField];
type SessionField = keyof typeof SESSION_FIELDS;
type SessionFieldType = keyof SessionFieldValues;
type SessionHandle = string & {
    readonly [handleBrand]: true;
};

// session-store.d.ts
export type { AnyOwnerFilter, CleanupOptions, Page, RevokeAllOutcome, RevokeOutcome, SessionFilter, SessionPage, SessionStore };
import { Attachable } from './attachable.js';
import { Revocation, SessionHandle, SessionRecord } from './session-fields.js';
import { SessionPatch } from './session.js';
interface AnyOwnerFilter extends SessionFilter {
    readonly owner: 'any';
}
interface CleanupOptions {
    readonly now: number;
    readonly limit: number;
    readonly retainRevokedMs: number;
}
interface Page {
    readonly limit?: number;
    readonly cursor?: string;
}
interface RevokeAllOutcome {
    readonly outcome: 'revoked' | 'no_active_sessions';
    readonly records: readonly SessionRecord[];
}
interface RevokeOutcome {
    readonly outcome: 'revoked' | 'already_revoked';
    readonly record: SessionRecord;
}
interface SessionFilter {
    readonly userId?: string;
    readonly organizationId?: string;
    readonly issuer?: string | null;
    readonly subject?: string | null;
    readonly providerSessionId?: string;
    readonly deviceId?: string;
    readonly exceptHandle?: SessionHandle;
}
interface SessionPage {
    readonly records: readonly SessionRecord[];
    readonly next: string | null;
}
interface SessionStore extends Attachable {
    create(record: SessionRecord, limits?: {
        readonly maxPerUser?: number;
    }): Promise<{
        evicted: SessionHandle[];
    }>;
    get(handle: SessionHandle): Promise<SessionRecord | null>;
    update(handle: SessionHandle, patch: SessionPatch, ifVersion: number): Promise<SessionRecord | null>;
    touch(handle: SessionHandle, at: number, expiresAt: number): Promise<boolean>;
    revoke(handle: SessionHandle, revocation: Revocation): Promise<RevokeOutcome | null>;
    delete(handle: SessionHandle): Promise<boolean>;
    list(filter: SessionFilter | AnyOwnerFilter, page?: Page): Promise<SessionPage>;
    countActive(filter: SessionFilter | AnyOwnerFilter, now: number): Promise<number>;
    revokeAll(filter: SessionFilter, revocation: Revocation, onRevoked?: (record: SessionRecord) => void): Promise<RevokeAllOutcome>;
    deleteAll(filter: SessionFilter): Promise<number>;
    cleanup(options: CleanupOptions): Promise<{
        deleted: number;
        more: boolean;
    }>;
    ping(): Promise<void>;
    close(): Promise<void>;
}

// sessions.d.ts
export type { ChangeOf, CookieOptions, CookiePolicy, CsrfCheck, CsrfOptions, CsrfPolicy, IssuedSession, LoginOptions, LogoutOptions, MetadataResult, MetadataSchema, RefreshOptions, Reply, ResolvedOptions, RevokedBy, SessionChange, SessionOptions, SessionSummaries, SessionSummary, Sessions };
import { AnyOwnerFilter, Page, RevokeOutcome, SessionFilter } from './session-store.js';
import { Clock } from './attachable.js';
import { NewSession } from './new-session.js';
import { OriginSource } from './origin-source.js';
import { Revocation, SessionHandle } from './session-fields.js';
import { Session } from './session.js';
interface CookieOptions {
    readonly name?: string;
    readonly sameSite?: 'strict' | 'lax' | 'none';
    readonly partitioned?: boolean;
    readonly persistent?: boolean;
}
interface CookiePolicy {
    readonly secure: boolean;
    readonly sameSite: 'strict' | 'lax' | 'none';
}
interface CsrfOptions {
    readonly headerName?: string;
    readonly headerValue?: string;
    readonly allowedOrigins?: readonly string[];
}
interface CsrfPolicy {
    readonly headerName: string;
    readonly headerValue: string;
    readonly origin: string;
    readonly allowedOrigins: ReadonlySet<string>;
    readonly headerOnly?: boolean;
}
interface IssuedSession<Metadata> {
    readonly session: Session<Metadata>;
    readonly cookie: string;
}
interface LoginOptions {
    readonly returnTo?: string;
    readonly errorPath?: string;
    readonly transactionTtlMs?: number;
    readonly maxPending?: number;
    readonly keepParameters?: readonly string[];
    readonly parameters?: Readonly<Record<string, string>>;
}
interface LogoutOptions {
    readonly returnTo?: string;
    readonly endProviderSession?: boolean;
    readonly revokeTokens?: 'when-last' | 'always' | 'never';
}
interface MetadataSchema<Output> {
    readonly '~standard': {
        readonly version: 1;
        readonly vendor: string;
        readonly validate: (value: unknown) => MetadataResult<Output> | Promise<MetadataResult<Output>>;
    };
}
interface RefreshOptions {
    readonly thresholdMs?: number;
    readonly defaultTokenLifeMs?: number;
    readonly leaseMs?: number;
    readonly waitMs?: number;
}
interface Reply {
    readonly status: number;
    readonly headers: ReadonlyArray<readonly [
        name: string,
        value: string
    ]>;
    readonly body: string | Uint8Array | AsyncIterable<Uint8Array> | null;
    readonly signal?: AbortSignal;
}
interface ResolvedOptions {
    readonly origin: string;
    readonly origins: OriginSource | null;
    readonly returnToOrigins: ReadonlySet<string>;
    readonly secure: boolean;
    readonly basePath: string;
    readonly cookieName: string;
    readonly sessionCookie: CookiePolicy & {
        readonly persistent: boolean;
        readonly partitioned: boolean;
    };
    readonly loginCookie: CookiePolicy;
    readonly csrf: CsrfPolicy;
    readonly session: Required<Omit<SessionOptions<never>, 'metadata'>>;
    readonly login: Required<LoginOptions>;
    readonly logout: Required<LogoutOptions>;
    readonly refresh: Required<RefreshOptions>;
    readonly clock: Clock;
}
interface RevokedBy {
    readonly reasonCode?: string;
    readonly actorType?: string;
    readonly actorId?: string | null;
}
interface SessionChange<Metadata> {
    readonly metadata?: Metadata;
    readonly organizationId?: string | null;
    readonly deviceId?: string | null;
}
interface SessionOptions<Metadata, PublicKey extends string = keyof Metadata & string> {
    readonly idleTimeoutMs?: number;
    readonly absoluteTimeoutMs?: number;
    readonly maxAuthenticationAgeMs?: number;
    readonly touchShare?: number;
    readonly endWithAccessToken?: boolean;
    readonly rotationGraceMs?: number;
    readonly maxPerUser?: number;
    readonly metadata?: MetadataSchema<Metadata>;
    readonly publicMetadata?: readonly PublicKey[];
}
interface SessionSummaries<Metadata = Readonly<Record<string, unknown>>> {
    readonly sessions: SessionSummary<Metadata>[];
    readonly next: string | null;
}
interface Sessions<Metadata = Readonly<Record<string, unknown>>> {
    create(session: NewSession<Metadata>): Promise<IssuedSession<Metadata>>;
    rotate(session: Session<Metadata>): Promise<IssuedSession<Metadata> | null>;
    update(session: Pick<SessionSummary, 'handle'>, change: SessionChange<Metadata> | ChangeOf<Metadata>): Promise<Session<Metadata> | null>;
    revoke(handle: SessionHandle, by?: RevokedBy): Promise<RevokeOutcome['outcome'] | null>;
    revokeOthers(session: Session<Metadata>, by?: RevokedBy): Promise<SessionSummary<Metadata>[]>;
    revokeAll(filter: SessionFilter, by?: RevokedBy): Promise<SessionSummary<Metadata>[]>;
    revokePage(filter: SessionFilter | AnyOwnerFilter, by?: RevokedBy, page?: Page): Promise<SessionSummaries<Metadata>>;
    countActive(filter: SessionFilter | AnyOwnerFilter): Promise<number>;
    list(filter: SessionFilter | AnyOwnerFilter, page?: Page): Promise<SessionSummaries<Metadata>>;
}
type ChangeOf<Metadata> = {
    of(session: Session<Metadata>): SessionChange<Metadata> | Promise<SessionChange<Metadata>>;
}['of'];
type CsrfCheck = 'header' | 'same-origin' | 'form';
type MetadataResult<Output> = {
    readonly value: Output;
    readonly issues?: undefined;
} | {
    readonly issues: ReadonlyArray<{
        readonly message: string;
    }>;
};
type SessionSummary<Metadata = Readonly<Record<string, unknown>>> = Omit<Session<Metadata>, 'tokens' | 'tokensFor' | 'identity'> & {
    readonly revocation: Revocation | null;
};

// store.d.ts
declare const SEALED_FIELDS: readonly (keyof typeof WIPED)[];
declare const WIPED: {
    readonly accessTokenEncrypted: null;
    readonly refreshTokenEncrypted: null;
    readonly idTokenEncrypted: null;
    readonly claimsEncrypted: null;
    readonly dpopKeyPairEncrypted: null;
};
declare function decodeCursor(cursor: string): Cursor;
declare function encodeCursor({ createdAt, handle }: Cursor): string;
declare function givenFields(patch: SessionPatch): SessionPatch;
declare function inProcessEventBus(): EventBus;
declare function isOfAnyOwner(filter: SessionFilter | AnyOwnerFilter): filter is AnyOwnerFilter;
declare function matchesFilter(record: SessionRecord, filter: SessionFilter): boolean;
declare function newestFirst(a: Cursor, b: Cursor): number;
declare function pageOf(records: AsyncIterable<SessionRecord>, limit: number): Promise<SessionPage>;
declare function readHandlePage({ limit, cursor }?: Page): {
    limit: number;
    after: SessionHandle | null;
};
declare function readPage({ limit, cursor }?: Page): {
    limit: number;
    after: Cursor | null;
};
declare function requireOwner(filter: SessionFilter): void;
declare function requireTtl(ttlMs: number): number;
declare function sessionCache(options?: SessionCacheOptions): SessionCacheFactory;
declare function withCleanup<S extends Stores>(stores: S, options?: BackgroundCleanupOptions): Omit<S, 'sessions'> & {
    readonly sessions: SessionStore;
};
declare function withCreationRate<S extends Stores>(stores: S, options?: CreationRateOptions): Omit<S, 'sessions'> & {
    readonly sessions: SessionStore;
};
declare function withPartition(stores: Stores, name: string): Stores;
declare function withPseudonyms<S extends Stores>(stores: S, options: PseudonymsOptions): Omit<S, 'sessions' | 'ttl'> & Pick<Stores, 'sessions' | 'ttl'>;
declare function withRecordLimit<S extends Stores>(stores: S, options?: RecordLimitOptions): Omit<S, 'sessions'> & {
    readonly sessions: SessionStore;
};
export { ABSENT, FieldsWith, SESSION_FIELDS, SessionField, SessionFieldFacts, SessionFieldType, SessionFieldValues, fieldsWith } from './session-fields.js';
export { SEALED_FIELDS, WIPED, decodeCursor, encodeCursor, givenFields, inProcessEventBus, isOfAnyOwner, matchesFilter, newestFirst, pageOf, readHandlePage, readPage, requireOwner, requireTtl, sessionCache, type BackgroundCleanupOptions, type CreationRateOptions, type Cursor, type PseudonymsOptions, type RecordLimitOptions, type SessionCacheOptions, withCleanup, withCreationRate, withPartition, withPseudonyms, withRecordLimit };
import { AnyOwnerFilter, Page, SessionFilter, SessionPage, SessionStore } from './session-store.js';
import { BffEvent, Clock } from './attachable.js';
import { EventBus, Stores } from './stores.js';
import { SessionCacheFactory } from './session-cache.js';
import { SessionHandle, SessionRecord } from './session-fields.js';
import { SessionPatch } from './session.js';
interface BackgroundCleanupOptions {
    readonly intervalMs?: number;
    readonly batch?: number;
    readonly jitter?: number;
    readonly retainRevokedMs?: number;
    readonly onEvent?: (event: BffEvent) => void;
    readonly clock?: Clock;
}
interface CreationRateOptions {
    readonly max?: number;
    readonly windowMs?: number;
    readonly onEvent?: (event: BffEvent) => void;
    readonly clock?: Clock;
}
interface PseudonymsOptions {
    readonly key: string;
    readonly onEvent?: (event: BffEvent) => void;
    readonly clock?: Clock;
}
interface RecordLimitOptions {
    readonly maxBytes?: number;
    readonly onEvent?: (event: BffEvent) => void;
    readonly clock?: Clock;
}
interface SessionCacheOptions {
    readonly maxStaleMs?: number;
    readonly maxSessions?: number;
}
type Cursor = Pick<SessionRecord, 'createdAt' | 'handle'>;

// stores.d.ts
export type { EventBus, Stores, TtlStore, TtlWriteOptions };
import { Attachable, BffEvent, Topic } from './attachable.js';
import { SessionStore } from './session-store.js';
interface EventBus extends Attachable {
    publish(topic: Topic, event: BffEvent): Promise<void>;
    subscribe(topic: Topic, handler: (event: BffEvent) => void): Promise<() => Promise<void>>;
}
interface Stores {
    readonly sessions: SessionStore;
    readonly ttl: TtlStore;
    readonly events: EventBus;
}
interface TtlStore extends Attachable {
    set(key: string, value: string, ttlMs: number, options?: TtlWriteOptions): Promise<void>;
    get(key: string): Promise<string | null>;
    setIfAbsent(key: string, value: string, ttlMs: number): Promise<boolean>;
    take(key: string): Promise<string | null>;
    extend(key: string, value: string, ttlMs: number): Promise<boolean>;
    compareAndDelete(key: string, value: string): Promise<boolean>;
}
interface TtlWriteOptions {
    readonly durable?: boolean;
}

// web.d.ts
declare function guardEndpoint<Metadata>({ requireSession, errorReply }: Pick<ServedBff<Metadata>, 'requireSession' | 'errorReply'>, view: RequestView, handler: (session: Session<Metadata>) => Response | Promise<Response>, options?: GuardOptions): Promise<Response>;
declare function requestViews<Event>(requestOf: (event: Event) => object, makeView: (event: Event) => RequestView): (event: Event) => RequestView;
declare function webAdapter<Metadata, Event, Served extends ServedBff<Metadata> = Bff<Metadata>>(create: CreateBff<Metadata, Served>, host: WebHost<Event>): WebAdapter<Metadata, Event, Served>;
export { guardEndpoint, requestViews, type CreateBff, type Refusal, type WebAdapter, type WebBff, type WebHost, webAdapter };
import './attachable.js';
import './identity-provider.js';
import './new-session.js';
import './origin-source.js';
import './session-fields.js';
import './session-store.js';
import { Bff, GuardOptions, ServedBff } from './bff.js';
import { BffError } from './bff-error.js';
import { Reply } from './sessions.js';
import { RequestView } from './request-view.js';
import { Session } from './session.js';
interface Refusal {
    readonly error: BffError;
    readonly reply: Reply;
    readonly signIn: string | null;
    readonly isOpened: boolean;
}
interface WebAdapter<Metadata, Event, Served extends ServedBff<Metadata> = Bff<Metadata>> extends WebBff<Metadata, Event, Served> {
    handle(event: Event): Promise<Response | undefined>;
    checkForm(event: Event): Promise<Response | undefined>;
}
interface WebBff<Metadata, Event, Served extends ServedBff<Metadata> = Bff<Metadata>> {
    bff(): Promise<Served>;
    getSession(event: Event, options?: GuardOptions): Promise<Session<Metadata> | null>;
    requireSession(event: Event, options?: GuardOptions): Promise<Session<Metadata>>;
    withSession<E extends Event>(handler: (event: E, session: Session<Metadata>) => Response | Promise<Response>, options?: GuardOptions): (event: E) => Promise<Response>;
}
interface WebHost<Event> {
    requestOf(event: Event): object;
    makeView(event: Event): RequestView;
    urlOf(event: Event): Pick<URL, 'pathname' | 'search'>;
    refuse(refusal: Refusal, event: Event): never;
}
type CreateBff<Metadata, Served extends ServedBff<Metadata>> = () => (Served & ServedBff<Metadata>) | Promise<Served & ServedBff<Metadata>>;
