import { createRequestHandler, type EntryContext, type ServerBuild } from 'react-router'

type RouteModule = Partial<NonNullable<ServerBuild['routes'][string]>['module']>

/** The server of a React Router app without a bundler: its routes by their paths, and pages that are JSON. */
export function requestHandler(modules: Readonly<Record<string, RouteModule>>) {
  const routes = Object.entries(modules).map(([path, module]) => [path, { id: path, path, module }])
  const build = {
    ssr: true,
    prerender: [],
    routeDiscovery: { mode: 'initial', manifestPath: '/__manifest' },
    future: { v8_middleware: true },
    assets: { routes: {} },
    routes: Object.fromEntries(routes),
    entry: { module: { default: pageOf, handleError: () => {} } },
  }
  return createRequestHandler(build as unknown as ServerBuild, 'production')
}

function pageOf(_request: Request, status: number, headers: Headers, context: EntryContext): Response {
  const { loaderData, actionData, errors } = context.staticHandlerContext
  return Response.json({ loaderData, actionData, errors }, { status, headers })
}
