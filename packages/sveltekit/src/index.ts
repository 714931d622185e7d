export { type SvelteKitBff, type SvelteKitBffOptions, svelteKitBff } from './sveltekit-bff.ts'
