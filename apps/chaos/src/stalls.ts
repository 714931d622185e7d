const TICK_MS = 100
const STALL_MS = 400

/** Tells when this process could not run for a while, because the machine gave it no time or something blocked it. */
export function watchStalls(tell: (ms: number) => void): () => void {
  let last = performance.now()
  const timer = setInterval(() => {
    const now = performance.now()
    const late = now - last - TICK_MS
    last = now
    if (late > STALL_MS) tell(late)
  }, TICK_MS)
  timer.unref()
  return () => clearInterval(timer)
}
