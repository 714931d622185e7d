interface Host {
  readonly setImmediate?: (then: () => void) => unknown
}

/** Kept, because the fake timers of a test replace the global one. */
const later = (globalThis as Host).setImmediate
let waiting: Array<() => void> = []

/**
 * Resolves with what `make` returns, after the host has read everything that has arrived. The work of all requests that came
 * together is then done in one go: each finds the code and the tables that it needs in the processor's caches.
 *
 * Where the host cannot say when it has read everything, `make` is called at once.
 */
export function together<Value>(make: () => Value): Promise<Value> {
  return new Promise((resolve, reject) => {
    const work = () => {
      try {
        resolve(make())
      } catch (error) {
        reject(error)
      }
    }
    if (later === undefined) work()
    else if (waiting.push(work) === 1) later(doAll)
  })
}

function doAll(): void {
  const works = waiting
  waiting = []
  for (const work of works) work()
}
