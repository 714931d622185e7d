// index.d.ts
declare const bffModule: NuxtModule<Omit<BffClientOptions, 'fetch' | 'initialSession'>>;
export { bffModule as default };
import { BffClientOptions } from '@bff/client';
import { NuxtModule } from 'nuxt/schema';

// server.d.ts
declare function nuxtBff<Metadata = Readonly<Record<string, unknown>>, Served extends ServedBff<Metadata> = Bff<Metadata>>(create: CreateBff<Metadata, Served>): NuxtBff<Metadata, Served>;
export { nuxtBff, type BffContext, type NitroHost, type NuxtBff, type NuxtEvent };
import { Bff, GuardOptions, ServedBff, Session } from '@bff/core';
import { CreateBff, WebBff } from '@bff/core/web';
import { IncomingMessage, ServerResponse } from 'node:http';
interface BffContext<Metadata = Readonly<Record<string, unknown>>> {
    readonly session: Promise<Session<Metadata> | null>;
}
interface NitroHost {
    readonly h3App: {
        handler: (event: never) => unknown;
    };
    readonly hooks: {
        hook(name: 'request', work: (event: NuxtEvent) => void): unknown;
        hook(name: 'close', work: () => Promise<void>): unknown;
    };
}
interface NuxtBff<Metadata = Readonly<Record<string, unknown>>, Served extends ServedBff<Metadata> = Bff<Metadata>> extends Omit<WebBff<Metadata, NuxtEvent, Served>, 'withSession'> {
    plugin(nitro: NitroHost): void;
    withSession<Event extends NuxtEvent, Result>(handler: (event: Event, session: Session<Metadata>) => Result | Promise<Result>, options?: GuardOptions): (event: Event) => Promise<Result>;
}
interface NuxtEvent {
    readonly node: {
        readonly req: IncomingMessage;
        readonly res: ServerResponse;
    };
    readonly context: Record<string, any>;
}
