import { app, laws } from './web.ts'

let control: ReturnType<typeof laws> | undefined

export default {
  fetch(request: Request): Response | Promise<Response> {
    const { pathname, origin } = new URL(request.url)
    if (pathname !== '/laws') return app(request)
    control ??= laws(origin)
    return control(request)
  },
}
