'use client'

import { useBffClient } from '@bff/client/react'
import { eventsOf } from '@bff/demo/page/event-stream'
import { useEffect, useState } from 'react'
import { formatTime } from './time.tsx'

const MAX_BEATS = 22
const IDLE = 'Server-sent events, streamed through the BFF.'

/** An event stream of the API, read with fetch: an EventSource could not send the CSRF header. */
export function Feed() {
  const { fetch } = useBffClient()
  const [isOn, setOn] = useState(false)
  const [beats, setBeats] = useState<readonly string[]>([])
  const [about, setAbout] = useState(IDLE)

  useEffect(() => {
    if (!isOn) return
    const stop = new AbortController()

    async function read(): Promise<void> {
      const response = await fetch('/api/orders/feed', { signal: stop.signal })
      if (!response.ok || response.body === null) throw new Error('There is no feed.')
      for await (const { data } of eventsOf(response.body)) {
        const { tick, sub } = JSON.parse(data)
        setAbout(`Event ${tick} for ${sub} at ${formatTime(Date.now(), 'time')}`)
        setBeats((before) => [...before, String(tick)].slice(-MAX_BEATS))
      }
      throw new Error('The feed has ended.')
    }

    read().catch(() => {
      if (stop.signal.aborted) return
      setOn(false)
      setAbout('The live feed was cut off.')
    })
    return () => stop.abort()
  }, [isOn, fetch])

  function toggle(): void {
    setOn(!isOn)
    setBeats([])
    setAbout(IDLE)
  }

  return (
    <section className="card feed" aria-labelledby="feed-title">
      <div className="card-head">
        <h2 id="feed-title">Live feed</h2>
        <button type="button" className="quiet" aria-pressed={isOn} onClick={toggle}>
          {isOn ? 'Stop' : 'Start'}
        </button>
      </div>
      <p className="soft">{about}</p>
      <div className={isOn ? 'beats live' : 'beats'} aria-hidden="true">
        {beats.map((beat) => (
          <span key={beat} />
        ))}
      </div>
    </section>
  )
}
