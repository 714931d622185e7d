declare function expressBff<Metadata>(bff: Bff<Metadata>): ExpressBff<Metadata>;
export { expressBff, type ErrorMiddleware, type ExpressBff, type Middleware };
import { Bff, CsrfCheck, Session } from '@bff/core';
import { IncomingMessage, ServerResponse } from 'node:http';
interface ExpressBff<Metadata> {
    readonly handler: Middleware;
    readonly requireSession: Middleware;
    requireSessionBy(csrf: CsrfCheck | false): Middleware;
    readonly optionalSession: Middleware;
    readonly errorHandler: ErrorMiddleware;
    sessionOf(req: IncomingMessage): Session<Metadata>;
    sessionOrNull(req: IncomingMessage): Session<Metadata> | null;
}
type ErrorMiddleware = (error: unknown, req: IncomingMessage, res: ServerResponse, next: (error?: unknown) => void) => void;
type Middleware = (req: IncomingMessage, res: ServerResponse, next: (error?: unknown) => void) => void;
