import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { fileURLToPath } from 'node:url'
import { serveOnLoopback } from './loopback.ts'

const FILES: Readonly<Record<string, string>> = { '/': 'text/html', '/foreign.js': 'text/javascript' }
const fileOf = (path: string) =>
  fileURLToPath(new URL(`../foreign${path === '/' ? '/index.html' : path}`, import.meta.url))

export interface ForeignSite {
  /** `http://127.0.0.1:<port>`, which is another site than `localhost`. */
  readonly origin: string
  close(): Promise<void>
}

/** Serves the page that attacks an app as a malicious site would: framed by the app, and free to send what it likes there. */
export async function startForeignSite(appOrigin: string): Promise<ForeignSite> {
  const policy = `default-src 'none'; script-src 'self'; connect-src ${appOrigin}; form-action ${appOrigin}; frame-src ${appOrigin}; frame-ancestors ${appOrigin}`
  const server = createServer((req, res) => {
    const path = req.url?.split('?')[0] ?? '/'
    const type = Object.hasOwn(FILES, path) ? FILES[path] : undefined
    if (type === undefined) return void res.writeHead(404).end()
    res
      .writeHead(200, { 'content-type': `${type}; charset=utf-8`, 'content-security-policy': policy })
      .end(readFileSync(fileOf(path)))
  })
  return serveOnLoopback(server)
}
