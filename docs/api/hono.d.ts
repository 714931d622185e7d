declare function honoBff<Metadata>(bff: ServedBff<Metadata>, options?: HonoBffOptions): HonoBff<Metadata>;
export { honoBff, type HonoBff, type HonoBffOptions, type OptionalEnv, type RequiredEnv };
import { Context, ErrorHandler, MiddlewareHandler } from 'hono';
import { GuardOptions, ServedBff, Session } from '@bff/core';
interface HonoBff<Metadata = Readonly<Record<string, unknown>>> {
    readonly handler: MiddlewareHandler;
    requireSession(options?: GuardOptions): MiddlewareHandler<RequiredEnv<Metadata>>;
    optionalSession(options?: GuardOptions): MiddlewareHandler<OptionalEnv<Metadata>>;
    getSession(c: Context, options?: GuardOptions): Promise<Session<Metadata> | null>;
    readonly errorHandler: ErrorHandler;
}
interface HonoBffOptions {
    readonly remoteAddress?: (c: Context) => string | undefined;
}
interface OptionalEnv<Metadata> {
    Variables: {
        readonly session: Session<Metadata> | null;
    };
}
interface RequiredEnv<Metadata> {
    Variables: {
        readonly session: Session<Metadata>;
    };
}
