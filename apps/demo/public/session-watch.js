import { call } from './bff.js'
import { eventsOf } from './event-stream.js'
import { isSessionEnd } from './messages.js'

const RETRY_MS = 3_000

let watching = null

/**
 * Hears at once when this session ends, or when others of the same user change; begins again when it was cut off.
 * `onLastWord` hears why it ended after `letGo()`.
 */
export async function watchSession({ onEnded, onChanged, onLastWord }) {
  stopWatching()
  const stop = new AbortController()
  watching = stop
  while (watching === stop) {
    try {
      const response = await call('/demo/events', { signal: stop.signal })
      // What happened while nobody listened.
      onChanged()
      for await (const { name, data } of eventsOf(response.body)) {
        if (stop.signal.aborted) return
        if (name === 'changed' && watching === stop) onChanged()
        if (name === 'ended') return (watching === stop ? onEnded : onLastWord)(JSON.parse(data).reason)
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

/** A refused call was faster than the stream, which may still say why. The server closes it, as the session has ended. */
export function letGo() {
  watching = null
}
