// index.d.ts
declare class EchoApi {
    #private;
    readonly requests: IncomingMessage[];
    answer: ApiAnswer;
    upgrade: ApiUpgrade;
    private constructor();
    static listen(): Promise<EchoApi>;
    get origin(): string;
    get targets(): (string | undefined)[];
    close(): Promise<void>;
}
declare class TestProvider implements IdentityProvider {
    #private;
    subject: string;
    readonly revoked: string[];
    authorize({ state, redirectUri }: {
        readonly state: string;
        readonly redirectUri: string;
    }): Promise<{
        url: string;
        transaction: {
            verifier: string;
        };
    }>;
    exchange(): Promise<Grant>;
    refresh(): Promise<TokenSet>;
    revoke({ token }: {
        readonly token: string;
    }): Promise<void>;
    isMaker(): boolean;
    sharesGrants(): boolean;
    apiToken(): Promise<never>;
    endSessionUrl(): Promise<string>;
    verifyLogoutToken(): Promise<never>;
}
declare class WatchedStore {
    readonly sessions: SessionStore;
    reads: number;
    beforeRead: () => Promise<void> | void;
    constructor(inner: SessionStore);
}
declare const BFF_PATHS: readonly [
    "/bff",
    "/api",
    "/maybe",
    "/open",
    "/dead",
    "/mounted",
    "/parsed",
    "/session",
    "/login",
    "/callback"
];
declare function describeHttpAdapter(options: HttpAdapterOptions): void;
declare function describeWebSocketRelay(options: WebSocketRelayOptions): void;
declare function openWorld({ upstream, webSockets, basePath, origin, }?: WorldOptions): Promise<World>;
declare function serveFetch(handler: FetchHandler): Promise<ServedApp>;
export { BFF_PATHS, EchoApi, FetchHandler, ServedApp, TestProvider, WatchedStore, describeHttpAdapter, describeWebSocketRelay, openWorld, serveFetch, type ApiAnswer, type ApiUpgrade, type HttpAdapterOptions, type LawSettings, type SignedIn, type Surroundings, type TestClock, type WebSocketRelayOptions, type World, type WorldOptions };
import { Bff, BffConfig, BffEvent, Clock, Grant, IdentityProvider, ServedBff, SessionHandle, SessionStore, Stores, TokenSet } from '@bff/core';
import { Duplex } from 'node:stream';
import { FetchHandler, ServedApp } from './served-app.js';
import { IncomingMessage, ServerResponse } from 'node:http';
import { Upstream } from '@bff/core/proxy';
interface HttpAdapterOptions {
    readonly name: string;
    readonly test: (name: string, run: () => Promise<void>) => unknown;
    readonly serve: ((bff: ServedBff) => Promise<ServedApp>) | URL;
    readonly upstream?: () => Upstream;
    readonly patienceMs?: number;
}
interface LawSettings {
    readonly encryptionKey: string;
    readonly api: string;
    readonly dead: string;
    readonly webSockets: boolean;
    readonly basePath: string;
    readonly origins: readonly string[] | null;
    readonly frontends: boolean;
}
interface SignedIn {
    readonly cookie: string;
    readonly handle: SessionHandle;
    readonly accessToken: string;
}
interface Surroundings {
    readonly clock: TestClock;
    readonly provider: TestProvider;
    readonly api: EchoApi;
    readonly store: WatchedStore;
    readonly events: BffEvent[];
    readonly stores: Stores;
    readonly settings: LawSettings;
}
interface TestClock extends Clock {
    advance(ms: number): Promise<void>;
}
interface WebSocketRelayOptions extends HttpAdapterOptions {
    readonly upstream: () => Upstream;
}
interface World extends Pick<Surroundings, 'clock' | 'provider' | 'api' | 'store'> {
    readonly bff: Bff;
    readonly events: readonly BffEvent[];
    signIn(userId?: string): Promise<SignedIn>;
    close(): Promise<void>;
}
interface WorldOptions {
    readonly upstream?: Upstream;
    readonly webSockets?: boolean;
    readonly basePath?: string;
    readonly origin?: BffConfig['origin'];
}
type ApiAnswer = (req: IncomingMessage, res: ServerResponse) => unknown;
type ApiUpgrade = (req: IncomingMessage, socket: Duplex, head: Buffer) => unknown;

// remote.d.ts
declare function remoteApp(serve: (bff: ServedBff) => Promise<ServedApp>, upstream?: () => Upstream): FetchHandler;
export { FetchHandler, ServedApp, remoteApp };
import { FetchHandler, ServedApp } from './served-app.js';
import { ServedBff } from '@bff/core';
import { Upstream } from '@bff/core/proxy';

// served-app.d.ts
export type { FetchHandler, ServedApp };
interface ServedApp {
    readonly origin: string;
    close(): Promise<void>;
}
type FetchHandler = (request: Request) => Response | Promise<Response>;
