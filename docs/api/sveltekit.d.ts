declare function svelteKitBff<Metadata = Readonly<Record<string, unknown>>>(create: () => Bff<Metadata> | Promise<Bff<Metadata>>, options?: SvelteKitBffOptions): SvelteKitBff<Metadata>;
export { svelteKitBff, type SvelteKitBff, type SvelteKitBffOptions };
import { Bff } from '@bff/core';
import { Handle, RequestEvent } from '@sveltejs/kit';
import { WebBff } from '@bff/core/web';
interface SvelteKitBff<Metadata = Readonly<Record<string, unknown>>> extends WebBff<Metadata, RequestEvent> {
    readonly handle: Handle;
}
interface SvelteKitBffOptions {
    readonly building?: boolean;
    readonly checkForms?: boolean;
}
