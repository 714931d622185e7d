declare class NodeRequestView implements RequestView {
    #private;
    constructor(req: IncomingMessage, res: ServerResponse);
    get method(): string;
    get target(): string;
    get remoteAddress(): string | undefined;
    get signal(): AbortSignal;
    header(name: string): string | undefined;
    headers(): Generator<readonly [
        name: string,
        value: string
    ]>;
    body(): AsyncIterable<Uint8Array> | undefined;
}
declare function deliverReply(bff: Pick<Bff, 'errorReply'>, promised: Reply | Promise<Reply>, res: ServerResponse): Promise<void>;
declare function nodeListener(bff: Pick<Bff, 'handle' | 'errorReply'>, fallback?: RequestListener): RequestListener;
declare function relayWebSockets(server: EventEmitter, bff: Pick<Bff, 'handle' | 'errorReply' | 'options'>): WebSocketRelay;
declare function undiciUpstream(options?: UndiciUpstreamOptions): Upstream;
declare function writeReply(reply: Reply, res: ServerResponse): Promise<void>;
export { NodeRequestView, deliverReply, nodeListener, relayWebSockets, type UndiciUpstreamOptions, type WebSocketRelay, undiciUpstream, writeReply };
import { Bff, Reply, RequestView } from '@bff/core';
import { EventEmitter } from 'node:events';
import { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { Upstream } from '@bff/core/proxy';
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
