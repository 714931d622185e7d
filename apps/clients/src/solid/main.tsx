/** @jsxImportSource solid-js */
import { hydrate, render } from 'solid-js/web'
import { startPage } from '../page.ts'
import { App } from './app.tsx'

startPage((client, root, isRendered) => (isRendered ? hydrate : render)(() => <App client={client} />, root))
