declare function reactRouterBff<Metadata = Readonly<Record<string, unknown>>>(create: () => Bff<Metadata> | Promise<Bff<Metadata>>, options?: ReactRouterBffOptions): ReactRouterBff<Metadata>;
export { reactRouterBff, type ReactRouterArgs, type ReactRouterBff, type ReactRouterBffOptions };
import { Bff } from '@bff/core';
import { LoaderFunctionArgs, MiddlewareFunction, RouterContextProvider } from 'react-router';
import { WebBff } from '@bff/core/web';
interface ReactRouterBff<Metadata = Readonly<Record<string, unknown>>> extends WebBff<Metadata, ReactRouterArgs> {
    readonly middleware: MiddlewareFunction<Response>[];
}
interface ReactRouterBffOptions {
    readonly remoteAddress?: (request: Request, context: Readonly<RouterContextProvider>) => string | undefined;
}
type ReactRouterArgs = Pick<LoaderFunctionArgs, 'request' | 'url'> & {
    readonly context: unknown;
};
