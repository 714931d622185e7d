import { hydrate, mount, unmount } from 'svelte'
import { startPage } from '../page.ts'
import App from './App.svelte'

startPage((client, target, isRendered) => {
  const app = (isRendered ? hydrate : mount)(App, { target, props: { client } })
  return () => void unmount(app)
})
