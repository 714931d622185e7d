import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Plugin } from 'vite'
import { root } from './pages.ts'

const PREFIX = '/source/'
const linked = new Set<string>()

/** The address of a file of the repository that is no page: a test, a configuration. It is shown as plain text. */
export function sourceAddress(file: string): string {
  linked.add(file)
  return `${PREFIX}${file}.txt`
}

/** A file as it is, or the names of what is in a folder. */
function textOf(file: string): Buffer | string {
  const path = join(root, file)
  if (!statSync(path).isDirectory()) return readFileSync(path)
  return readdirSync(path, { recursive: true, encoding: 'utf8' }).sort().join('\n')
}

/** Serves the files that documents link to, while the site is being written. */
export const sources: Plugin = {
  name: 'sources',
  configureServer(server) {
    server.middlewares.use((request, response, next) => {
      const address = request.url ?? ''
      const file = address.slice(PREFIX.length, -'.txt'.length)
      if (!address.startsWith(PREFIX) || !linked.has(file)) return next()
      response.setHeader('content-type', 'text/plain; charset=utf-8').end(textOf(file))
    })
  },
}

/** Copies the files that documents link to into the built site. */
export function copySources(folder: string): void {
  for (const file of linked) {
    const to = join(folder, `${PREFIX}${file}.txt`)
    mkdirSync(dirname(to), { recursive: true })
    writeFileSync(to, textOf(file))
  }
}
