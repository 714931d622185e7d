declare function expressBff<Metadata>(bff: Bff<Metadata>): ExpressBff<Metadata>;
export { expressBff, type ErrorMiddleware, type ExpressBff, type Middleware };
import { Bff, GuardOptions, Session } from '@bff/core';
import { IncomingMessage, ServerResponse } from 'node:http';
interface ExpressBff<Metadata = Readonly<Record<string, unknown>>> {
    readonly handler: Middleware;
    requireSession(options?: GuardOptions): Middleware;
    optionalSession(options?: GuardOptions): Middleware;
    readonly errorHandler: ErrorMiddleware;
    getSession(req: IncomingMessage): Session<Metadata> | null;
    sessionOf(req: IncomingMessage): Session<Metadata>;
}
type ErrorMiddleware = (error: unknown, req: IncomingMessage, res: ServerResponse, next: (error?: unknown) => void) => void;
type Middleware = (req: IncomingMessage, res: ServerResponse, next: (error?: unknown) => void) => void;
