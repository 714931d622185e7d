import type { ConnectionOptions } from 'node:tls'
import type { Settings } from './options.ts'

/** A server, and how to sign in there. */
export interface Place {
  readonly path?: string
  readonly host?: string
  readonly port?: number
  readonly username?: string
  readonly password?: string
  readonly db?: number
  readonly tls?: ConnectionOptions
}

/** Returns what the URL says, and the options, which win. */
export function placeOf({ url, username, password, db, tls }: Settings): Place {
  return {
    ...(url !== undefined && readUrl(url)),
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
    ...(db !== undefined && { db }),
    ...(tls && { tls: { minVersion: 'TLSv1.2', ...(tls === true ? {} : tls) } }),
  }
}

function readUrl(url: string): Place {
  const { protocol, hostname, port, username, password, pathname } = new URL(url)
  if (protocol === 'unix:') return { path: decodeURIComponent(pathname) }
  return {
    host: hostname.replace(/^\[|\]$/g, ''),
    port: Number(port || 6379),
    ...(username !== '' && { username: decodeURIComponent(username) }),
    ...(password !== '' && { password: decodeURIComponent(password) }),
    ...(pathname.length > 1 && { db: Number(pathname.slice(1)) }),
    ...(protocol === 'rediss:' && { tls: { minVersion: 'TLSv1.2' } }),
  }
}
