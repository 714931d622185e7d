import type { BffClient } from '@bff/client'
import { bffPlugin } from '@bff/client/vue'
import { createSSRApp } from 'vue'
import { renderToString } from 'vue/server-renderer'
import App from './App.vue'

export const render = async (client: BffClient) => ({
  head: '',
  body: await renderToString(createSSRApp(App).use(bffPlugin, { client })),
})
