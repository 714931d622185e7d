import type { BffClientOptions } from '@bff/client'
import { addImports, addPlugin, addRouteMiddleware, createResolver, defineNuxtModule } from 'nuxt/kit'
import type { NuxtModule } from 'nuxt/schema'

/**
 * The Nuxt module: every page gets a client, which begins with the session that the server has rendered, the composables
 * `useSession` and `useBffClient`, and the route middleware `signed-in`. Under `bff`, `nuxt.config` takes the options of
 * `createBffClient` for every page, without `fetch` and `initialSession`.
 *
 * @example
 * ```ts
 * // nuxt.config.ts
 * import bff from '@bff/nuxt'
 *
 * export default { modules: [bff], bff: { pollMs: 30_000 } }
 * ```
 */
const bffModule: NuxtModule<Omit<BffClientOptions, 'fetch' | 'initialSession'>> = defineNuxtModule({
  meta: { name: '@bff/nuxt', configKey: 'bff', compatibility: { nuxt: '^4.0.0' } },
  setup(options, { options: nuxt }) {
    const { resolve } = createResolver(import.meta.url)
    // Part of the app's own bundles, so that all share one copy of Nuxt's and of the client's state.
    nuxt.build.transpile.push('@bff/nuxt', '@bff/client')
    nuxt.runtimeConfig.public['bff'] = options
    addPlugin(resolve('./runtime/page-client'))
    addRouteMiddleware({ name: 'signed-in', path: resolve('./runtime/signed-in') })
    addImports(['useBffClient', 'useSession'].map((name) => ({ name, from: '@bff/client/vue' })))
  },
})

export default bffModule
