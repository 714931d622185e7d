/** A route handler that needs no parameters of its path. */
export type RouteHandler = (request: Request) => Promise<Response>

/** Every method a `route.ts` can export. */
export type RouteHandlers = Readonly<
  Record<'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'OPTIONS', RouteHandler>
>

/** The same handler for every method. */
export const handlersWith = (handle: RouteHandler): RouteHandlers => ({
  GET: handle,
  HEAD: handle,
  POST: handle,
  PUT: handle,
  PATCH: handle,
  DELETE: handle,
  OPTIONS: handle,
})
