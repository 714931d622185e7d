import type { ServedBff } from '@bff/core'
import { BFF_PATHS } from '@bff/http-testkit'
import type { LoaderFunctionArgs, MiddlewareFunction } from 'react-router'
import { reactRouterBff } from '../src/index.ts'
import { requestHandler } from './request-handler.ts'

const readsBodies: MiddlewareFunction<Response> = async ({ request }) => void (await request.text())

async function echo({ request }: LoaderFunctionArgs) {
  const { pathname, search } = new URL(request.url)
  return Response.json({ method: request.method, target: pathname + search, body: await request.text() })
}

/** The routes the laws ask for, on React Router. */
export function appOf(bff: ServedBff) {
  const { middleware, getSession, withSession } = reactRouterBff(() => bff)
  const guarded = withSession(async ({ request }, { userId }) =>
    Response.json({ user: userId, body: await request.text() }),
  )
  const own = BFF_PATHS.map((path) => [
    `${path}/*`,
    { middleware: path === '/parsed' ? [readsBodies, ...middleware] : middleware },
  ])
  return requestHandler({
    ...Object.fromEntries(own),
    '/app/echo': { loader: echo, action: echo },
    '/app/guarded': { loader: guarded, action: guarded },
    '/app/optional': {
      loader: async (args: LoaderFunctionArgs) =>
        Response.json({ user: (await getSession(args))?.userId ?? null }),
    },
  })
}
