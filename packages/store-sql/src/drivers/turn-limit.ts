/**
 * Begins the time of a call that waits for its turn. The function that it returns throws when the caller got an error meanwhile:
 * what has failed must not run later (STO-16).
 */
export function turnLimit(timeoutMs: number): () => void {
  const began = performance.now()
  return () => {
    if (performance.now() - began >= timeoutMs)
      throw Object.assign(new Error('The turn of this call came too late.'), { code: 'ETIMEDOUT' })
  }
}
