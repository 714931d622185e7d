// clock.d.ts
declare function manualClock(start?: number): ManualClock;
export { manualClock, type ManualClock };
import { Clock } from '@bff/core';
interface ManualClock extends Clock {
    readonly sleepers: number;
    step(ms: number): void;
    advance(ms: number): Promise<void>;
    jump(ms: number): void;
    run<T>(work: Promise<T>): Promise<T>;
    settle(): Promise<void>;
}

// index.d.ts
declare function createBrowser(): TestBrowser;
declare function recordEvents(): EventRecord;
declare function signIn(target: SignInTarget, user: string, options?: SignInOptions): Promise<SignedIn>;
declare function signInAtProvider(authorizationUrl: string, login: string): Promise<string>;
declare function startProvider(options?: ProviderOptions): Promise<TestProvider>;
declare function withOutage(store: Stores): StoresWithOutage;
export { ManualClock, manualClock } from './clock.js';
export { createBrowser, recordEvents, signIn, signInAtProvider, startProvider, type EventRecord, type EventType, type FailureMode, type FailureScope, type ProviderClients, type ProviderOptions, type ProviderStats, type SignInOptions, type SignInTarget, type SignedIn, type StorageState, type StoredCookie, type StoresWithOutage, type TestBrowser, type TestProvider, type Users, withOutage };
import { Bff, BffEvent, BffEventOf, Stores } from '@bff/core';
import { JWK } from 'jose';
interface EventRecord {
    readonly onEvent: (event: BffEvent) => void;
    readonly all: readonly BffEvent[];
    of<T extends EventType>(type: T): readonly BffEventOf<T>[];
    only<T extends EventType>(type: T): BffEventOf<T>;
    none(type: EventType): void;
    next<T extends EventType>(type: T): Promise<BffEventOf<T>>;
    clear(): void;
}
interface ProviderClients {
    readonly basic: {
        readonly clientId: string;
        readonly clientSecret: string;
    };
    readonly post: {
        readonly clientId: string;
        readonly clientSecret: string;
    };
    readonly privateKeyJwt: {
        readonly clientId: string;
        readonly privateKey: JWK;
    };
    readonly public: {
        readonly clientId: string;
    };
}
interface ProviderOptions {
    readonly port?: number;
    readonly host?: string;
    readonly appOrigins?: readonly string[];
    readonly redirectUris?: readonly string[];
    readonly postLogoutRedirectUris?: readonly string[];
    readonly backchannelLogoutUri?: string | null;
    readonly backchannelLogoutNamesSession?: boolean;
    readonly users?: Users;
    readonly apiAudience?: string;
    readonly apiScope?: string;
    readonly furtherApis?: Readonly<Record<string, string>>;
    readonly claimsIn?: 'id_token' | 'userinfo';
    readonly accessTokenLifetime?: number;
    readonly refreshTokenLifetime?: number;
    readonly idTokenLifetime?: number;
    readonly rotateRefreshTokens?: boolean;
    readonly announceRefreshTokenLifetime?: boolean;
    readonly grants?: 'user' | 'sign-in';
    readonly invalidGrantStatus?: 400 | 403;
    readonly reuseGrace?: number;
    readonly requireDpopNonces?: boolean;
    readonly jwks?: {
        readonly keys: readonly JWK[];
    };
}
interface ProviderStats {
    authorizations: number;
    tokenRequests: number;
    refreshes: number;
    revocations: number;
    reuseDetected: number;
    reuseTolerated: number;
}
interface SignInOptions {
    readonly loginPath?: string;
}
interface SignedIn {
    readonly cookie: string;
    readonly headers: Readonly<Record<string, string>>;
    storageState(): StorageState;
}
interface StorageState {
    cookies: StoredCookie[];
    origins: [
    ];
}
interface StoredCookie {
    readonly name: string;
    readonly value: string;
    readonly domain: string;
    readonly path: string;
    readonly expires: number;
    readonly httpOnly: boolean;
    readonly secure: boolean;
    readonly sameSite: 'Strict' | 'Lax' | 'None';
}
interface StoresWithOutage extends Stores {
    down: boolean;
}
interface TestBrowser {
    signIn(authorizationUrl: string, login: string): Promise<string>;
    leave(url: string): Promise<string>;
}
interface TestProvider {
    readonly issuer: string;
    readonly port: number;
    readonly clients: ProviderClients;
    readonly stats: ProviderStats;
    fail(mode: FailureMode, scope?: FailureScope): void;
    revokeGrantsOf(user: string): void;
    backchannelLogout(user: string): Promise<{
        delivered: number;
        failed: number;
    }>;
    close(): Promise<void>;
}
type EventType = BffEvent['type'];
type FailureMode = 'none' | '500' | '429' | 'html' | 'hang' | 'reset';
type FailureScope = 'token' | 'all';
type SignInTarget = Pick<Bff, 'fetch' | 'options'> | string;
type Users = Readonly<Record<string, Readonly<Record<string, unknown>>>>;
