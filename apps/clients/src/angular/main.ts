import { createApplication, provideClientHydration } from '@angular/platform-browser'
import { provideBffClient } from '@bff/client/angular'
import { startPage } from '../page.ts'
import { App } from './app.ts'

startPage((client, root, isRendered) => {
  const host = root.querySelector('app-root') ?? root.appendChild(document.createElement('app-root'))
  const started = createApplication({
    providers: [provideBffClient(client), ...(isRendered ? [provideClientHydration()] : [])],
  })
  const failed = (error: unknown) => console.error(error)
  started.then((app) => app.bootstrap(App, host)).catch(failed)
  return () => void started.then((app) => app.destroy()).catch(failed)
})
