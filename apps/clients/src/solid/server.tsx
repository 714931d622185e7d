/** @jsxImportSource solid-js */
import type { BffClient } from '@bff/client'
import { generateHydrationScript, renderToString } from 'solid-js/web'
import { App } from './app.tsx'

export const render = async (client: BffClient) => ({
  head: generateHydrationScript(),
  body: renderToString(() => <App client={client} />),
})
