import { type Bff, BffError, type RequestView, type ServedBff } from '@bff/core'

/** Next's bundler writes the settings of `next.config` in place of these; elsewhere they are not there. */
declare const process: {
  readonly env: {
    readonly __NEXT_ROUTER_BASEPATH?: string
    readonly __NEXT_TRAILING_SLASH?: string | boolean
    readonly __NEXT_MANUAL_TRAILING_SLASH?: string | boolean
  }
}

const isOn = (setting: string | boolean | undefined) => setting === true || setting === 'true'

/** `basePath` of `next.config`, or an empty string. */
export const CONFIGURED_BASE_PATH = process.env.__NEXT_ROUTER_BASEPATH ?? ''

/** Whether Next redirects each path to the one with a slash at its end. */
const ADDS_SLASHES =
  isOn(process.env.__NEXT_TRAILING_SLASH) && !isOn(process.env.__NEXT_MANUAL_TRAILING_SLASH)

/**
 * Returns the target that a browser requested: Next removes its `basePath` before a route handler sees it, and adds a slash
 * with `trailingSlash`.
 *
 * A path of the BFF's own never ends in a slash, also where Next adds none.
 */
export function publicTarget(
  view: RequestView,
  basePath: string,
  served: Pick<ServedBff<unknown>, 'bffFor'>,
): string {
  const { target } = view
  const end = target.indexOf('?')
  const path = basePath + (end === -1 ? target : target.slice(0, end))
  const query = end === -1 ? '' : target.slice(end)
  const bare = path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path
  if (ADDS_SLASHES || bare === path) return bare + query
  const bff = served.bffFor(Object.assign(view, { target: bare }))
  return (bff !== null && isOwn(bare, bff) ? bare : path) + query
}

const isOwn = (path: string, { options, paths }: Pick<Bff, 'options' | 'paths'>) =>
  // Below `/` is the whole app.
  (options.basePath !== '' && path.startsWith(`${options.basePath}/`)) || paths.includes(path)

/** Returns the error of a path that the BFF does not have. Names the configuration with which no browser reaches the BFF. */
export function notFound(basePath: string, bff: Pick<Bff, 'options'> | null): BffError {
  if (bff === null) return new BffError('not_found')
  const { options } = bff
  const isReachable = `${options.basePath}/`.startsWith(`${basePath}/`)
  return isReachable
    ? new BffError('not_found')
    : new BffError(
        'not_found',
        `basePath of next.config is ${basePath}: give createBff basePath: '${basePath}${options.basePath}', and routes of the proxy that begin with ${basePath} too.`,
      )
}
