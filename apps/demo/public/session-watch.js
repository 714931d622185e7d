import { call } from './bff.js'
import { eventsOf } from './event-stream.js'
import { isSessionEnd } from './messages.js'

const RETRY_MS = 3_000

let watching = null

/** Hears at once when this session ends, or when others of the same user change; begins again when it was cut off. */
export async function watchSession({ onEnded, onChanged }) {
  stopWatching()
  const stop = new AbortController()
  watching = stop
  while (!stop.signal.aborted) {
    try {
      const response = await call('/demo/events', { signal: stop.signal })
      // What happened while nobody listened.
      onChanged()
      for await (const { name, data } of eventsOf(response.body)) {
        if (stop.signal.aborted) return
        if (name === 'changed') onChanged()
        if (name === 'ended') return onEnded(JSON.parse(data).reason)
      }
    } catch (error) {
      if (stop.signal.aborted) return
      // The client has heard that too, and asks the server to be sure.
      if (isSessionEnd(error.code)) return
    }
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS))
  }
}

export function stopWatching() {
  watching?.abort()
  watching = null
}
