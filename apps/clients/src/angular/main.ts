import { createApplication } from '@angular/platform-browser'
import { provideBffClient } from '@bff/client/angular'
import { startPage } from '../page.ts'
import { App } from './app.ts'

startPage((client, root) => {
  const started = createApplication({ providers: [provideBffClient(client)] })
  const failed = (error: unknown) => console.error(error)
  started.then((app) => app.bootstrap(App, root)).catch(failed)
  return () => void started.then((app) => app.destroy()).catch(failed)
})
