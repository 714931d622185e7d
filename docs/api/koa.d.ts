declare function koaBff<Metadata>(bff: ServedBff<Metadata>): KoaBff<Metadata>;
export { koaBff, type KoaBff, type KoaContext, type KoaMiddleware };
import { IncomingMessage, ServerResponse } from 'node:http';
import { ServedBff } from '@bff/core';
import { SessionGuards } from '@bff/node';
interface KoaBff<Metadata = Readonly<Record<string, unknown>>> extends SessionGuards<Metadata, KoaMiddleware, KoaContext> {
    readonly handler: KoaMiddleware;
}
interface KoaContext {
    readonly req: IncomingMessage;
    readonly res: ServerResponse;
    readonly originalUrl: string;
    readonly headerSent: boolean;
    respond?: boolean | undefined;
}
type KoaMiddleware = (ctx: KoaContext, next: () => Promise<unknown>) => Promise<void>;
