import { bootstrapApplication, provideClientHydration } from '@angular/platform-browser'
import { provideServerRendering, renderApplication } from '@angular/platform-server'
import type { BffClient } from '@bff/client'
import { provideBffClient } from '@bff/client/angular'
import { App } from './app.ts'

/** Angular renders a document: its body has the app, and the data with which the browser takes the app over. */
export async function render(client: BffClient) {
  const providers = [provideServerRendering(), provideClientHydration(), provideBffClient(client)]
  const document = await renderApplication((context) => bootstrapApplication(App, { providers }, context), {
    document: '<html><head></head><body><app-root></app-root></body></html>',
    url: '/',
  })
  return { head: '', body: /<body[^>]*>(.*)<\/body>/s.exec(document)?.[1] ?? '' }
}
