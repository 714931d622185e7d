declare function expressBff<Metadata>(bff: ServedBff<Metadata>): ExpressBff<Metadata>;
export { expressBff, type ErrorMiddleware, type ExpressBff, type Middleware };
import { IncomingMessage, ServerResponse } from 'node:http';
import { ServedBff } from '@bff/core';
import { SessionGuards } from '@bff/node';
interface ExpressBff<Metadata = Readonly<Record<string, unknown>>> extends SessionGuards<Metadata, Middleware, IncomingMessage> {
    readonly handler: Middleware;
    readonly errorHandler: ErrorMiddleware;
}
type ErrorMiddleware = (error: unknown, req: IncomingMessage, res: ServerResponse, next: (error?: unknown) => void) => void;
type Middleware = (req: IncomingMessage, res: ServerResponse, next: (error?: unknown) => void) => void;
