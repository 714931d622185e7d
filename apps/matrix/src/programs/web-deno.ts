import { app, laws } from './web.ts'

declare const Deno: {
  serve(
    options: { port: 0; hostname: string; onListen(): void },
    handler: (request: Request) => Response | Promise<Response>,
  ): { readonly addr: { readonly port: number } }
}

const options = { port: 0, hostname: '127.0.0.1', onListen: () => {} } as const
const originOf = ({ addr }: ReturnType<typeof Deno.serve>) => `http://${options.hostname}:${addr.port}`
const origin = originOf(Deno.serve(options, app))
const control = originOf(Deno.serve(options, laws(origin)))
console.log(`serving ${JSON.stringify([{ name: 'web', control, webSockets: false }])}`)
