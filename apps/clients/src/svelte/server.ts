import type { BffClient } from '@bff/client'
import { render as renderSvelte } from 'svelte/server'
import App from './App.svelte'

export const render = async (client: BffClient) => renderSvelte(App, { props: { client } })
