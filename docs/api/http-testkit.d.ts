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
    authorize({ state }: {
        readonly state: string;
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
    sharesGrants(): boolean;
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
    "/parsed"
];
declare function describeHttpAdapter(options: HttpAdapterOptions): void;
declare function describeWebSocketRelay(options: WebSocketRelayOptions): void;
declare function openWorld({ upstream, webSockets }?: WorldOptions): Promise<World>;
declare function serveFetch(handler: FetchHandler): Promise<ServedApp>;
export { BFF_PATHS, EchoApi, TestProvider, WatchedStore, describeHttpAdapter, describeWebSocketRelay, openWorld, serveFetch, type ApiAnswer, type ApiUpgrade, type FetchHandler, type HttpAdapterOptions, type ServedApp, type SignedIn, type TestClock, type WebSocketRelayOptions, type World, type WorldOptions };
import { Bff, BffEvent, Clock, Grant, IdentityProvider, SessionHandle, SessionStore, TokenSet } from '@bff/core';
import { Duplex } from 'node:stream';
import { IncomingMessage, ServerResponse } from 'node:http';
import { Upstream } from '@bff/core/proxy';
interface HttpAdapterOptions {
    readonly name: string;
    readonly test: (name: string, run: () => Promise<void>) => unknown;
    readonly serve: (bff: Bff) => Promise<ServedApp>;
    readonly upstream?: () => Upstream;
    readonly patienceMs?: number;
}
interface ServedApp {
    readonly origin: string;
    close(): Promise<void>;
}
interface SignedIn {
    readonly cookie: string;
    readonly handle: SessionHandle;
    readonly accessToken: string;
}
interface TestClock extends Clock {
    advance(ms: number): Promise<void>;
}
interface WebSocketRelayOptions extends HttpAdapterOptions {
    readonly upstream: () => Upstream;
}
interface World {
    readonly bff: Bff;
    readonly clock: TestClock;
    readonly provider: TestProvider;
    readonly api: EchoApi;
    readonly store: WatchedStore;
    readonly events: readonly BffEvent[];
    signIn(userId?: string): Promise<SignedIn>;
    close(): Promise<void>;
}
interface WorldOptions {
    readonly upstream?: Upstream;
    readonly webSockets?: boolean;
}
type ApiAnswer = (req: IncomingMessage, res: ServerResponse) => unknown;
type ApiUpgrade = (req: IncomingMessage, socket: Duplex, head: Buffer) => unknown;
type FetchHandler = (request: Request) => Response | Promise<Response>;
