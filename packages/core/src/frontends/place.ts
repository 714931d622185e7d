import type { Bff } from '../contracts/bff.ts'
import { BffError } from '../internal/bff-error.ts'
import { path as pathRule } from '../internal/option-rules.ts'
import { readOptions } from '../internal/options.ts'
import type { Frontend, Place } from './frontend.ts'
import { lenient } from './readings.ts'

const invalid = (name: string, sentence: string) =>
  new BffError('invalid_config', `frontends: the frontend ${name} ${sentence}`)

/**
 * Finds where a BFF is, from its own options.
 *
 * @param given the option `path`; `undefined`: the folder that the BFF's `basePath` is in
 * @throws BffError `invalid_config`
 */
export function placeOf(
  name: string,
  { options, paths }: Pick<Bff, 'options' | 'paths'>,
  given: string | undefined,
): Place {
  const path = given === undefined ? options.basePath.replace(/\/[^/]*$/, '') : readPath(given)
  const key = lenient(path)
  if (key === null) throw invalid(name, 'has a path with a segment of dots. Give it a plain path.')
  const outside = paths.find((own) => !`${own.replace(/\/\*$/, '')}/`.startsWith(`${path}/`))
  if (outside !== undefined)
    throw invalid(
      name,
      `is below ${path}, and its BFF has the path ${outside}. Give the BFF a basePath, proxy routes and endpoints below ${path}, or give the frontend another path.`,
    )
  const { origin, origins } = options
  const all = origins === null ? [origin] : origins.listed
  return { path, key, hosts: all?.flatMap(hostsOf) ?? null }
}

function readPath(given: string): string {
  const rule = pathRule('/shop')
  const { path } = readOptions(
    'frontends',
    { path: given },
    { path: (value, wrong) => (value === '/' ? '' : rule(value, wrong)) },
  )
  return path
}

/** As browsers send it, and as others may: with the default port. */
function hostsOf(origin: string): string[] {
  const { host, port, protocol } = new URL(origin)
  return port === '' ? [host, `${host}:${protocol === 'https:' ? 443 : 80}`] : [host]
}

/**
 * @throws BffError `invalid_config` when two frontends in one browser could take each other's cookies
 */
export function requireOwnCookies<Metadata>(
  frontend: Frontend<Metadata>,
  others: Iterable<Frontend<Metadata>>,
): void {
  const { cookieName } = frontend.bff.options
  for (const other of others) {
    const theirs = other.bff.options.cookieName
    const collide = cookieName === theirs || isSignInOf(cookieName, theirs) || isSignInOf(theirs, cookieName)
    if (collide && shareCookies(frontend, other))
      throw invalid(
        frontend.name,
        `has the cookie ${cookieName}, which browsers would mix up with ${theirs} of the frontend ${other.name}: they have the same host. Give one of them another cookie.name.`,
      )
  }
}

/** Whether a cookie has the name of a sign-in attempt of another one's BFF. */
const isSignInOf = (name: string, cookieName: string) => name.startsWith(`${cookieName}-login-`)

/** Browsers keep cookies by the name of the host, without its port. */
function shareCookies<Metadata>(one: Frontend<Metadata>, other: Frontend<Metadata>): boolean {
  if (one.hosts === null && other.hosts === null) return true
  const names = new Set(hostNames(one))
  return hostNames(other).some((name) => names.has(name))
}

function hostNames<Metadata>({ hosts, bff }: Frontend<Metadata>): string[] {
  const all = hosts ?? [new URL(bff.options.origin).host]
  return all.map((host) => host.replace(/:\d+$/, ''))
}
