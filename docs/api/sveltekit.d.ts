declare function svelteKitBff<Metadata = Readonly<Record<string, unknown>>, Served extends ServedBff<Metadata> = Bff<Metadata>>(create: CreateBff<Metadata, Served>, options?: SvelteKitBffOptions): SvelteKitBff<Metadata, Served>;
export { svelteKitBff, type SvelteKitBff, type SvelteKitBffOptions };
import { Bff, ServedBff } from '@bff/core';
import { CreateBff, WebBff } from '@bff/core/web';
import { Handle, RequestEvent } from '@sveltejs/kit';
interface SvelteKitBff<Metadata = Readonly<Record<string, unknown>>, Served extends ServedBff<Metadata> = Bff<Metadata>> extends WebBff<Metadata, RequestEvent, Served> {
    readonly handle: Handle;
}
interface SvelteKitBffOptions {
    readonly building?: boolean;
    readonly checkForms?: boolean;
}
