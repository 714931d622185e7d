declare function tanStackStartBff<Metadata = Readonly<Record<string, unknown>>, Served extends ServedBff<Metadata> = Bff<Metadata>>(create: CreateBff<Metadata, Served>, options?: TanStackStartBffOptions): TanStackStartBff<Metadata, Served>;
export { tanStackStartBff, type StartEvent, type TanStackStartBff, type TanStackStartBffOptions };
import { Bff, ServedBff } from '@bff/core';
import { CreateBff, WebBff } from '@bff/core/web';
interface StartEvent {
    readonly request: Request;
    readonly page?: string;
}
interface TanStackStartBff<Metadata = Readonly<Record<string, unknown>>, Served extends ServedBff<Metadata> = Bff<Metadata>> extends WebBff<Metadata, StartEvent, Served> {
    onRequest<Result>(event: StartEvent & {
        next(): Result | Promise<Result>;
    }): Promise<Response | Result>;
}
interface TanStackStartBffOptions {
    readonly remoteAddress?: (request: Request) => string | undefined;
    readonly checkForms?: boolean;
}
