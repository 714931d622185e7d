import { type ServedBff, webRequestView, webResponse } from '@bff/core'
import { BFF_PATHS } from '../src/harness.ts'

/** The routes the laws ask for, on `Request` and `Response` alone. */
async function app(bff: ServedBff, request: Request): Promise<Response> {
  const { pathname, search } = new URL(request.url)
  const view = webRequestView(request)
  try {
    if (pathname === '/app/echo')
      return Response.json({ method: request.method, target: pathname + search, body: await request.text() })
    if (pathname === '/app/guarded') {
      const { userId } = await bff.requireSession(view)
      return Response.json({ user: userId, body: await request.text() })
    }
    if (pathname === '/app/optional')
      return Response.json({ user: (await bff.getSession(view))?.userId ?? null })
    return new Response(null, { status: 404 })
  } catch (error) {
    return webResponse(bff.errorReply(error))
  }
}

const isBff = (path: string) => BFF_PATHS.some((own) => path === own || path.startsWith(`${own}/`))

/** An app that is nothing but a fetch handler. */
export async function fetchApp(bff: ServedBff, request: Request): Promise<Response> {
  const { pathname } = new URL(request.url)
  if (pathname.startsWith('/parsed')) await request.text()
  return isBff(pathname) ? bff.fetch(request) : app(bff, request)
}
