import { createServer, type Server } from 'node:http'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import type { Bff } from '@bff/core'

/** The Next app; this module runs from `src` and, compiled, from `dist`. */
export const NEXT_APP = fileURLToPath(new URL('../next-app', import.meta.url))

/** Serves the app's production build in this process, with `bff` or without any. */
export async function nextServer(bff: Bff | null): Promise<Server> {
  Object.assign(globalThis, { measuredBff: bff })
  // Its types promise an ES module; what loads is a CommonJS one. Only here, as the other servers need none of it.
  const next: typeof import('next').default = createRequire(import.meta.url)('next')
  const app = next({ dev: false, dir: NEXT_APP, quiet: true })
  await app.prepare()
  const handle = app.getRequestHandler()
  return createServer((req, res) => void handle(req, res))
}
