declare class NodeRequestView implements RequestView {
    #private;
    constructor(req: IncomingMessage, res: ServerResponse, target?: string);
    get method(): string;
    get target(): string;
    get host(): string | undefined;
    get remoteAddress(): string | undefined;
    get signal(): AbortSignal;
    onDisconnect(leave: () => void): () => void;
    header(name: string): string | undefined;
    headers(): Generator<readonly [
        name: string,
        value: string
    ]>;
    body(): AsyncIterable<Uint8Array> | undefined;
}
declare function deliverReply(bff: Pick<ServedBff, 'errorReply'>, promised: Reply | Promise<Reply>, res: ServerResponse): Promise<void>;
declare function guardedRequests<Metadata>(bff: ServedBff<Metadata>): GuardedRequests<Metadata>;
declare function nodeListener(bff: Pick<ServedBff, 'handle' | 'errorReply'>, fallback?: RequestListener): RequestListener;
declare function relayWebSockets(server: EventEmitter, bff: Pick<ServedBff<unknown>, 'handle' | 'errorReply' | 'bffFor'>): WebSocketRelay;
declare function startReply(bff: Pick<ServedBff, 'errorReply'>, promised: Reply | Promise<Reply>, res: ServerResponse): void;
declare function undiciUpstream(options?: UndiciUpstreamOptions): Upstream;
declare function writeReply(reply: Reply, res: ServerResponse): Promise<void>;
export { NodeRequestView, deliverReply, guardedRequests, nodeListener, relayWebSockets, startReply, type FindSession, type GuardedRequests, type SessionGuards, type UndiciUpstreamOptions, type WebSocketRelay, undiciUpstream, writeReply };
import { EventEmitter } from 'node:events';
import { GuardOptions, Reply, RequestView, ServedBff, Session } from '@bff/core';
import { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { Upstream } from '@bff/core/proxy';
interface GuardedRequests<Metadata> extends SessionGuards<Metadata, FindSession, IncomingMessage> {
    handle(request: IncomingMessage, response: ServerResponse, target?: string): Promise<Reply> | undefined;
    viewOf(request: IncomingMessage, response: ServerResponse, target?: string): RequestView;
}
interface SessionGuards<Metadata, Middleware, Request> {
    requireSession(options?: GuardOptions): Middleware;
    optionalSession(options?: GuardOptions): Middleware;
    getSession(request: Request): Session<Metadata> | null;
    sessionOf(request: Request): Session<Metadata>;
}
interface UndiciUpstreamOptions {
    readonly connections?: number;
    readonly connectTimeoutMs?: number;
    readonly keepAliveTimeoutMs?: number;
    readonly ca?: string | readonly string[];
    readonly cert?: string;
    readonly key?: string;
}
interface WebSocketRelay {
    close(): void;
}
type FindSession = (view: RequestView, request: IncomingMessage) => Promise<void>;
