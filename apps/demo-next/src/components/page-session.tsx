'use client'

import { createBffClient } from '@bff/client'
import { BffProvider } from '@bff/client/react'
import { callsOf } from '@bff/demo/page/call'
import { useRouter } from 'next/navigation'
import { type ReactNode, useEffect, useState } from 'react'
import { flushSync } from 'react-dom'
import { createDeparture } from '../lib/departure.ts'

/** What is on the page the server has rendered, so the client need not ask who it is. */
const client = createBffClient({ claims: false, pollMs: 15_000 })

/** Calls of the page outside its components. */
export const { callJson } = callsOf((path: string, init: RequestInit) => client.fetch(path, init))

/**
 * Keeps what was rendered in step with the session: when it ends, nothing private stays on the page; when it begins in
 * another tab, the page is rendered anew.
 */
export function PageSession({ userId, children }: { userId: string | null; children: ReactNode }) {
  const router = useRouter()
  const [isGone, setGone] = useState(false)

  useEffect(
    () =>
      client.subscribe(({ session }) => {
        if (session.status === 'signed-in') {
          if (session.userId !== userId) router.refresh()
        } else if (session.status === 'signed-out' && userId !== null) {
          setGone(true)
          leave(session.reason ?? 'invalid_session')
        }
      }),
    [router, userId],
  )

  useEffect(() => {
    // A page the browser keeps for its back button must not show what was private on it.
    const putAway = () => flushSync(() => setGone(true))
    const takenOut = ({ persisted }: PageTransitionEvent) => {
      if (persisted) location.reload()
    }
    addEventListener('pagehide', putAway)
    addEventListener('pageshow', takenOut)
    return () => {
      removeEventListener('pagehide', putAway)
      removeEventListener('pageshow', takenOut)
    }
  }, [])

  return <BffProvider client={client}>{isGone ? <Waiting /> : children}</BffProvider>
}

let isSigningOut = false

/** Signs out here and at the provider, whose page leads back. */
export async function signOut(): Promise<void> {
  isSigningOut = true
  try {
    await client.signOut({ returnTo: '/?signed-out' })
  } catch {
    // Nobody is signed out then.
    isSigningOut = false
  }
}

/** Ends the session with `work`, and goes to the address it resolves with. */
export async function leaveAfter(work: () => Promise<string>): Promise<void> {
  isSigningOut = true
  try {
    location.replace(await work())
  } catch (error) {
    isSigningOut = false
    throw error
  }
}

/** Leaves by a navigation of its own: what Next's router remembers of the session goes with it. */
export const departure = createDeparture(
  (reason) => location.replace(`/?ended=${encodeURIComponent(reason)}`),
  (work, ms) => void setTimeout(work, ms),
)

export function leave(reason: string): void {
  // The news of a sign-out in this very tab must not overtake its way to the provider.
  if (!isSigningOut) departure.leave(reason)
}

const Waiting = () => (
  <section className="waiting" aria-label="Loading">
    <span className="spinner" aria-hidden="true" />
  </section>
)
