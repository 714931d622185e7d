import type { Parts } from './contracts/parts.ts'
import type { RequestView } from './contracts/request-view.ts'
import type { ResolvedOptions } from './contracts/resolved-options.ts'
import { BffError } from './internal/bff-error.ts'

/**
 * How a request's origin is known. Of several it is found before an endpoint is called, and only who asks for it fails when
 * it could not be found: a health probe comes to an address of its own.
 */
export function originsOf({
  origin,
  origins,
}: Pick<ResolvedOptions, 'origin' | 'origins'>): Pick<Parts, 'originOf' | 'findOrigin'> {
  if (origins === null) return { originOf: () => origin, findOrigin: null }
  const FOUND: unique symbol = Symbol('origin')
  interface Remembering extends RequestView {
    [FOUND]?: string | Error
  }
  return {
    originOf(request: Remembering) {
      const found = request[FOUND] ?? origin
      if (typeof found === 'string') return found
      throw found
    },
    async findOrigin(request: Remembering) {
      try {
        request[FOUND] ??= (await origins.find(request)) ?? new BffError('unknown_origin')
      } catch (error) {
        request[FOUND] = error as Error
      }
    },
  }
}
