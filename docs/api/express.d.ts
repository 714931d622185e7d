declare function expressBff<Metadata>(bff: Bff<Metadata>): ExpressBff<Metadata>;
export { expressBff, type ErrorMiddleware, type ExpressBff, type Middleware };
import { Bff } from '@bff/core';
import { IncomingMessage, ServerResponse } from 'node:http';
import { SessionGuards } from '@bff/node';
interface ExpressBff<Metadata = Readonly<Record<string, unknown>>> extends SessionGuards<Metadata, Middleware, IncomingMessage> {
    readonly handler: Middleware;
    readonly errorHandler: ErrorMiddleware;
}
type ErrorMiddleware = (error: unknown, req: IncomingMessage, res: ServerResponse, next: (error?: unknown) => void) => void;
type Middleware = (req: IncomingMessage, res: ServerResponse, next: (error?: unknown) => void) => void;
