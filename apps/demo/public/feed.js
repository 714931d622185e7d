import { call } from './bff.js'
import { CallError } from './call.js'
import { byId, element, timeOf } from './dom.js'
import { eventsOf } from './event-stream.js'
import { log } from './notices.js'

const MAX_BEATS = 22
const IDLE = 'Server-sent events, streamed through the BFF.'

let running = null

export const isFeedRunning = () => running !== null

/** Reads the event stream with fetch: an EventSource could not send the CSRF header. Resolves when it is over. */
export async function startFeed() {
  const stop = new AbortController()
  running = stop
  showSwitch()
  try {
    const response = await call('/api/orders/feed', { signal: stop.signal })
    log('Live feed opened')
    for await (const event of eventsOf(response.body)) beat(event)
    log('Live feed ended by the server', 'bad')
  } catch (error) {
    if (error.name === 'AbortError') return
    throw error instanceof CallError ? error : new CallError('feed_lost', 'The live feed was cut off.')
  } finally {
    if (running === stop) running = null
    showSwitch()
  }
}

export function stopFeed() {
  if (running === null) return
  running.abort()
  running = null
  byId('beats').replaceChildren()
  byId('feed-state').textContent = IDLE
  showSwitch()
}

function showSwitch() {
  const on = running !== null
  byId('feed-switch').setAttribute('aria-pressed', String(on))
  byId('feed-switch').textContent = on ? 'Stop' : 'Start'
  byId('beats').classList.toggle('live', on)
}

function beat({ data }) {
  const { tick, sub } = JSON.parse(data)
  byId('feed-state').textContent = `Event ${tick} for ${sub} at ${timeOf(Date.now())}`
  const beats = byId('beats')
  beats.append(element('span'))
  while (beats.children.length > MAX_BEATS) beats.firstElementChild.remove()
}
