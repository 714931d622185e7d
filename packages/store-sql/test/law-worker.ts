import { type OpenStores, storeLaws } from '@bff/store-testkit'

/** A Worker that runs the law which the request names, on the stores that `open` makes of its bindings. */
export const lawWorker = <Env>(open: (env: Env) => Promise<OpenStores>) => ({
  async fetch(request: Request, env: Env): Promise<Response> {
    // Within a request: a Worker may choose at random nowhere else.
    const laws = new Map<string, () => Promise<void>>()
    storeLaws({ test: (name, run) => void laws.set(name, run), harness: { open: () => open(env) } })
    try {
      await laws.get(await request.text())?.()
      return new Response('holds')
    } catch (error) {
      return new Response(error instanceof Error ? `${error.message}\n${error.stack}` : String(error))
    }
  },
})
