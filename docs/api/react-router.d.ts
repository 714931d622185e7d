declare function reactRouterBff<Metadata = Readonly<Record<string, unknown>>, Served extends ServedBff<Metadata> = Bff<Metadata>>(create: CreateBff<Metadata, Served>, options?: ReactRouterBffOptions): ReactRouterBff<Metadata, Served>;
export { reactRouterBff, type ReactRouterArgs, type ReactRouterBff, type ReactRouterBffOptions };
import { Bff, ServedBff } from '@bff/core';
import { CreateBff, WebBff } from '@bff/core/web';
import { LoaderFunctionArgs, MiddlewareFunction, RouterContextProvider } from 'react-router';
interface ReactRouterBff<Metadata = Readonly<Record<string, unknown>>, Served extends ServedBff<Metadata> = Bff<Metadata>> extends WebBff<Metadata, ReactRouterArgs, Served> {
    readonly middleware: MiddlewareFunction<Response>[];
}
interface ReactRouterBffOptions {
    readonly remoteAddress?: (request: Request, context: Readonly<RouterContextProvider>) => string | undefined;
}
type ReactRouterArgs = Pick<LoaderFunctionArgs, 'request' | 'url'> & {
    readonly context: unknown;
};
