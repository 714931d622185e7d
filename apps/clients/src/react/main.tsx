import { createRoot, hydrateRoot } from 'react-dom/client'
import { startPage } from '../page.ts'
import { App } from './app.tsx'

startPage((client, element, isRendered) => {
  if (isRendered) {
    const hydrated = hydrateRoot(element, <App client={client} />)
    return () => hydrated.unmount()
  }
  const root = createRoot(element)
  root.render(<App client={client} />)
  return () => root.unmount()
})
