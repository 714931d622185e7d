import type { Settings } from './options.ts'

/**
 * Returns the parameters that name the API of the session's own access token, for the code exchange and a refresh: a provider
 * may issue a token for no more than one resource at a time (RFC 8707 §2.2).
 */
export function ownTarget({ resources: [resource], audience }: Settings): Record<string, string> {
  return { ...(resource !== undefined && { resource }), ...(audience !== null && { audience }) }
}
