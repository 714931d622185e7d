declare function tanStackStartBff<Metadata = Readonly<Record<string, unknown>>>(create: () => Bff<Metadata> | Promise<Bff<Metadata>>, options?: TanStackStartBffOptions): TanStackStartBff<Metadata>;
export { tanStackStartBff, type StartEvent, type TanStackStartBff, type TanStackStartBffOptions };
import { Bff } from '@bff/core';
import { WebBff } from '@bff/core/web';
interface StartEvent {
    readonly request: Request;
    readonly page?: string;
}
interface TanStackStartBff<Metadata = Readonly<Record<string, unknown>>> extends WebBff<Metadata, StartEvent> {
    onRequest<Result>(event: StartEvent & {
        next(): Result | Promise<Result>;
    }): Promise<Response | Result>;
}
interface TanStackStartBffOptions {
    readonly remoteAddress?: (request: Request) => string | undefined;
    readonly checkForms?: boolean;
}
