import { existsSync, readFileSync, statSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import MarkdownIt from 'markdown-it'
import { serveOnLoopback } from './loopback.ts'

const ROOT = fileURLToPath(new URL('../../..', import.meta.url))
/** Within these folders, and no file or folder whose name begins with a dot. */
const SHOWN = /^\/(?:docs|packages|apps|examples)(?:\/(?!\.)[\w.@()[\]-]+)+$/
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src 'self'"
const STYLE =
  ':root{color-scheme:light dark}body{max-width:48rem;margin:2rem auto;padding:0 1rem;font:1rem/1.6 system-ui,sans-serif;overflow-wrap:anywhere}pre{overflow-wrap:normal;white-space:pre-wrap;border:1px solid}pre,td,th{padding:.4rem .7rem}table{border-collapse:collapse}td,th{border:1px solid}img{max-width:100%}@media(prefers-color-scheme:dark){:root{background:#14161d;color:#eceef4}a{color:#9db4ff}}'

const markdown = new MarkdownIt({ html: false })

/** Serves the documents of the repository for reading; `/docs/guides/device-binding.md` is a page. */
export function startDocuments(): Promise<{ readonly origin: string; close(): Promise<void> }> {
  const server = createServer((req, res) => {
    const file = fileOf(new URL(req.url ?? '/', 'http://localhost').pathname)
    if (file === null) return void res.writeHead(404, { 'content-type': 'text/plain' }).end('Not found')
    const text = readFileSync(file, 'utf8')
    const [type, body] = file.endsWith('.md')
      ? ['text/html', pageOf(text)]
      : [file.endsWith('.svg') ? 'image/svg+xml' : 'text/plain', text]
    res
      .writeHead(200, { 'content-type': `${type}; charset=utf-8`, 'content-security-policy': POLICY })
      .end(body)
  })
  return serveOnLoopback(server)
}

/** A folder is its README, as the links of the documents mean it. */
function fileOf(path: string): string | null {
  if (!SHOWN.test(path)) return null
  const file = join(ROOT, path)
  if (!existsSync(file)) return null
  if (!statSync(file).isDirectory()) return file
  const readme = join(file, 'README.md')
  return existsSync(readme) ? readme : null
}

function pageOf(text: string): string {
  const [, title = 'Documents'] = /^# (.+)$/m.exec(text) ?? []
  const head = `<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${markdown.utils.escapeHtml(title)}</title><style>${STYLE}</style>`
  return `<!doctype html><html lang="en"><head>${head}</head><body><main>${markdown.render(text)}</main></body></html>`
}
