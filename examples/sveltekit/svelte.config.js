import adapter from '@sveltejs/adapter-node'

/** @type {import('@sveltejs/kit').Config} */
export default {
  kit: {
    adapter: adapter(),
    // The BFF makes this check: SvelteKit's own refuses the provider's back-channel logout.
    csrf: { trustedOrigins: ['*'] },
  },
}
