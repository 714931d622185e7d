'use client'

import { type ReactNode, useEffect, useState } from 'react'
import { formatTime } from './time.tsx'

/** Beyond this share of its life a token is about to be refreshed by the next call. */
const DUE_SHARE = 0.2

interface TokenRingProps {
  /** Epoch milliseconds. */
  readonly issuedAt: number | null
  readonly expiresAt: number | null
  readonly name: ReactNode
  readonly children: ReactNode
}

export function TokenRing({ issuedAt, expiresAt, name, children }: TokenRingProps) {
  const now = useNow(250)
  const life = now === null || expiresAt === null ? null : lifeOf(now, issuedAt ?? expiresAt, expiresAt)
  return (
    <div className="token" id="token-expiry" data-left={life?.left} data-expires-at={life && expiresAt}>
      {/* A new token is a new ring, so that its animation begins again. */}
      <svg key={expiresAt} className="ring" viewBox="0 0 100 100" aria-hidden="true">
        <circle className="track" cx="50" cy="50" r="42" pathLength="100" />
        <circle
          className="left"
          cx="50"
          cy="50"
          r="42"
          pathLength="100"
          strokeDasharray={`${((life?.share ?? 0) * 100).toFixed(2)} 100`}
        />
        <text x="50" y="50">
          {life?.seconds}
        </text>
      </svg>
      <div>
        <p className="token-name">{name}</p>
        <p className="soft">{life?.about}</p>
        {children}
      </div>
    </div>
  )
}

function lifeOf(now: number, issuedAt: number, expiresAt: number) {
  const leftMs = Math.max(0, expiresAt - now)
  const share = Math.min(1, leftMs / Math.max(1, expiresAt - issuedAt))
  const left = leftMs === 0 ? 'expired' : share <= DUE_SHARE ? 'due' : 'fresh'
  const seconds = Math.ceil(leftMs / 1000)
  const about = {
    fresh: `Ends at ${formatTime(expiresAt, 'time')}. The next call then refreshes it.`,
    due: 'About to end: the next call refreshes it first.',
    expired: 'Over. The next call refreshes it first; you will not notice.',
  }[left]
  return { left, share, about, seconds: seconds >= 100 ? `${Math.floor(seconds / 60)}m` : `${seconds}s` }
}

/** The time, or `null` while the server renders. */
function useNow(everyMs: number): number | null {
  const [now, setNow] = useState<number | null>(null)
  useEffect(() => {
    const tick = () => setNow(Date.now())
    tick()
    const timer = setInterval(tick, everyMs)
    return () => clearInterval(timer)
  }, [everyMs])
  return now
}
