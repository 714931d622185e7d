declare function astroBff<Metadata = Readonly<Record<string, unknown>>, Served extends ServedBff<Metadata> = Bff<Metadata>>(create: CreateBff<Metadata, Served>, options?: AstroBffOptions): AstroBff<Metadata, Served>;
export { astroBff, type AstroBff, type AstroBffOptions, type AstroContext, type BffLocals };
import { APIContext, MiddlewareHandler } from 'astro';
import { Bff, ServedBff, Session } from '@bff/core';
import { CreateBff, WebBff } from '@bff/core/web';
interface AstroBff<Metadata = Readonly<Record<string, unknown>>, Served extends ServedBff<Metadata> = Bff<Metadata>> extends WebBff<Metadata, AstroContext, Served> {
    readonly onRequest: MiddlewareHandler;
}
interface AstroBffOptions {
    readonly checkForms?: boolean;
}
interface BffLocals<Metadata = Readonly<Record<string, unknown>>> {
    readonly session: Promise<Session<Metadata> | null>;
}
type AstroContext = Pick<APIContext, 'request' | 'url' | 'clientAddress'>;
