import type { Bff } from '@bff/core'

const KEPT = Symbol.for('@bff/next')

/**
 * One BFF for the process: Next evaluates a module once for each of its layers, and again after each edit in
 * development, where every copy would open a store of its own. A `create` that failed is tried again.
 */
export function keptInProcess<Metadata>(
  name: string,
  create: () => Promise<Bff<Metadata>>,
): () => Promise<Bff<Metadata>> {
  const place = globalThis as { [KEPT]?: Map<string, Promise<Bff<Metadata>>> }
  return () => {
    place[KEPT] ??= new Map()
    const kept = place[KEPT]
    const known = kept.get(name)
    if (known !== undefined) return known
    const made = create()
    kept.set(name, made)
    made.catch(() => kept.delete(name))
    return made
  }
}
