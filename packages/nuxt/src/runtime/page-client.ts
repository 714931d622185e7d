import { type BffClientOptions, createBffClient, type SessionState } from '@bff/client'
import { bffPlugin } from '@bff/client/vue'
import { defineNuxtPlugin, useRequestEvent, useRuntimeConfig } from 'nuxt/app'

/** Makes the client of a page: on the server for each request, in the browser once. */
export default defineNuxtPlugin({
  name: 'bff',
  async setup({ payload, vueApp }) {
    const options = useRuntimeConfig().public['bff'] as BffClientOptions
    const page = payload as { bff?: SessionState }
    const initialSession = useRequestEvent()?.context['initialSession']
    if (initialSession !== undefined) page.bff = await initialSession(options)
    const client = createBffClient(
      page.bff === undefined ? options : { ...options, initialSession: page.bff },
    )
    vueApp.use(bffPlugin, { client })
    return { provide: { bff: client } }
  },
})
