declare function astroBff<Metadata = Readonly<Record<string, unknown>>>(create: () => Bff<Metadata> | Promise<Bff<Metadata>>, options?: AstroBffOptions): AstroBff<Metadata>;
export { astroBff, type AstroBff, type AstroBffOptions, type AstroContext, type BffLocals };
import { APIContext, MiddlewareHandler } from 'astro';
import { Bff, Session } from '@bff/core';
import { WebBff } from '@bff/core/web';
interface AstroBff<Metadata = Readonly<Record<string, unknown>>> extends WebBff<Metadata, AstroContext> {
    readonly onRequest: MiddlewareHandler;
}
interface AstroBffOptions {
    readonly checkForms?: boolean;
}
interface BffLocals<Metadata = Readonly<Record<string, unknown>>> {
    readonly session: Promise<Session<Metadata> | null>;
}
type AstroContext = Pick<APIContext, 'request' | 'url' | 'clientAddress'>;
