'use client'

import { useBffClient } from '@bff/client/react'
import { eventsOf } from '@bff/demo/page/event-stream'
import { useRouter } from 'next/navigation'
import { useEffect } from 'react'
import { departure, leave } from './page-session.tsx'

const RETRY_MS = 3_000

/** Hears at once when this session ends elsewhere, or when others of the same user change. */
export function SessionWatch() {
  const { fetch } = useBffClient()
  const router = useRouter()

  useEffect(() => {
    const stop = new AbortController()
    const { signal } = stop

    async function listen(): Promise<void> {
      const response = await fetch('/bff/events', { signal })
      if (!response.ok || response.body === null) return
      const closed = departure.listening()
      try {
        for await (const { name, data } of eventsOf(response.body)) {
          if (signal.aborted) return
          if (name === 'changed') router.refresh()
          if (name === 'ended') leave(String(JSON.parse(data).reason))
        }
      } finally {
        closed()
      }
    }

    async function keepListening(): Promise<void> {
      while (!signal.aborted) {
        await listen().catch(() => {})
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS))
        // What happened while nobody listened.
        if (!signal.aborted) router.refresh()
      }
    }

    void keepListening()
    return () => {
      // The page puts away what is private as soon as a call was refused. The stream may still say why.
      if (!departure.isWaiting) stop.abort()
    }
  }, [fetch, router])

  return null
}
