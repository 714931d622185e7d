import type { Bff } from '@bff/core'

const KEPT = Symbol.for('@bff/next')

/**
 * Keeps one BFF for the process: Next evaluates a module once for each of its layers, and again after each edit in
 * development, and every copy would open its own store. After a failure it calls `create` again.
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
