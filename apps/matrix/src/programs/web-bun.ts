import { app, laws } from './web.ts'

declare const Bun: {
  serve(options: {
    port: 0
    hostname: string
    idleTimeout?: number
    maxRequestBodySize?: number
    fetch: (request: Request) => Response | Promise<Response>
  }): { readonly port: number }
}

const hostname = '127.0.0.1'
const server = Bun.serve({
  port: 0,
  hostname,
  idleTimeout: 0,
  maxRequestBodySize: Number.MAX_SAFE_INTEGER,
  fetch: app,
})
const control = Bun.serve({
  port: 0,
  hostname,
  idleTimeout: 0,
  fetch: laws(`http://${hostname}:${server.port}`),
})
const apps = [{ name: 'web', control: `http://${hostname}:${control.port}`, webSockets: false }]
console.log(`serving ${JSON.stringify(apps)}`)
