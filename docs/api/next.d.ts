// index.d.ts
declare function nextBff<Metadata = Readonly<Record<string, unknown>>, Served extends ServedBff<Metadata> = Bff<Metadata>>(create: CreateBff<Metadata, Served>, options?: NextBffOptions): NextBff<Metadata, Served>;
export { nextBff, type NextBff, type NextBffOptions, type RouteHandler, type RouteHandlers, type SessionHandler };
import { Bff, GuardOptions, ServedBff, Session } from '@bff/core';
import { CreateBff } from '@bff/core/web';
import { NextRequest } from 'next/server.js';
interface NextBff<Metadata = Readonly<Record<string, unknown>>, Served extends ServedBff<Metadata> = Bff<Metadata>> {
    bff(): Promise<Served>;
    readonly handlers: RouteHandlers;
    getSession(options?: GuardOptions): Promise<Session<Metadata> | null>;
    requireSession(options?: GuardOptions): Promise<Session<Metadata>>;
    withSession<Context>(handler: SessionHandler<Metadata, Context>, options?: GuardOptions): (request: NextRequest, context: Context) => Promise<Response>;
}
interface NextBffOptions {
    readonly name?: string;
    readonly remoteAddress?: (request: Request) => string | undefined;
    readonly basePath?: string;
}
type RouteHandler = (request: Request) => Promise<Response>;
type RouteHandlers = Readonly<Record<'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'OPTIONS', RouteHandler>>;
type SessionHandler<Metadata, Context> = (request: NextRequest, session: Session<Metadata>, context: Context) => Response | Promise<Response>;

// proxy.d.ts
declare function signInRedirect(options?: SignInRedirectOptions): ({ method, cookies, nextUrl, url }: NextRequest) => Response | undefined;
export { signInRedirect, type SignInRedirectOptions };
import { NextRequest } from 'next/server.js';
interface SignInRedirectOptions {
    readonly signInPath?: string;
    readonly cookieName?: string;
}
