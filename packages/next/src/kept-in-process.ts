import type { ServedBff } from '@bff/core'

const KEPT = Symbol.for('@bff/next')

/**
 * Keeps one BFF for the process: Next evaluates a module once for each of its layers, and again after each edit in
 * development, and every copy would open its own store. After a failure it calls `create` again.
 */
export function keptInProcess<Served extends Pick<ServedBff, 'handle'>>(
  name: string,
  create: () => Promise<Served>,
): () => Promise<Served> {
  const place = globalThis as { [KEPT]?: Map<string, Promise<Served>> }
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
