import { bffPlugin } from '@bff/client/vue'
import { createApp, createSSRApp } from 'vue'
import { startPage } from '../page.ts'
import App from './App.vue'

startPage((client, root, isRendered) => {
  const app = (isRendered ? createSSRApp : createApp)(App).use(bffPlugin, { client })
  app.mount(root)
  return () => app.unmount()
})
