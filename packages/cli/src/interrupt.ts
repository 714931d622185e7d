const SIGNALS = ['SIGINT', 'SIGTERM'] as const

/** Runs work that stops by itself, at a good place, when the process is asked to end. Asked again, the process ends at once. */
export async function interruptible<Result>(work: (signal: AbortSignal) => Promise<Result>): Promise<Result> {
  const stop = new AbortController()
  const stopListening = () => {
    for (const signal of SIGNALS) process.removeListener(signal, onSignal)
  }
  const onSignal = () => {
    // Of both: what asks again may send the other signal.
    stopListening()
    stop.abort()
  }
  for (const signal of SIGNALS) process.on(signal, onSignal)
  try {
    return await work(stop.signal)
  } finally {
    stopListening()
  }
}
