import { serveFetch } from '@bff/http-testkit'
import { remoteApp } from '@bff/http-testkit/remote'
import { served } from './http-testkit.ts'
import { ready } from './vitest.ts'

// A law that breaks a connection off is no fault of the program.
for (const event of ['uncaughtException', 'unhandledRejection'] as const)
  process.on(event, (error) => console.error(event, error))

await import('$laws')
await ready()
const apps: { name: string; control: string; webSockets: boolean }[] = []
for (const [name, { options, webSockets }] of served) {
  const { serve, upstream } = options
  if (serve instanceof URL) continue
  const { origin } = await serveFetch(remoteApp(serve, upstream))
  apps.push({ name, control: origin, webSockets })
}
console.log(`serving ${JSON.stringify(apps)}`)
