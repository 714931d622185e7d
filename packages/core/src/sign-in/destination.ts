import type { ResolvedOptions } from '../contracts/resolved-options.ts'
import { localPath } from '../internal/http/return-to.ts'

/**
 * Returns the place of a `returnTo` in the characters that a header can carry; `null` unless it is a place on this origin, or
 * on one of `returnToOrigins` (BFF-22).
 *
 * It reads no URL, in which two readers could find two hosts: the text begins with an allowed origin and a slash, and the rest
 * is a path by the same rules as any other.
 */
export function destinationOf(
  returnTo: string,
  { returnToOrigins }: Pick<ResolvedOptions, 'returnToOrigins'>,
): string | null {
  for (const origin of returnToOrigins) {
    if (returnTo !== origin && !returnTo.startsWith(`${origin}/`)) continue
    const path = localPath(returnTo.slice(origin.length) || '/')
    return path === null ? null : origin + path
  }
  return localPath(returnTo)
}
