import type { BffClient } from '@bff/client'
import { renderToString } from 'react-dom/server'
import { App } from './app.tsx'

export const render = async (client: BffClient) => ({
  head: '',
  body: renderToString(<App client={client} />),
})
