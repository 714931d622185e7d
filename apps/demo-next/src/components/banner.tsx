'use client'

import { useEffect, useState } from 'react'

/** The one message above everything else. Said once: a reload should not complain again. */
export function Banner({ text, kind }: { text: string; kind: 'good' | 'bad' }) {
  const [isShown, setShown] = useState(true)
  useEffect(() => history.replaceState(history.state, '', location.pathname), [])
  if (!isShown) return null
  return (
    <div className={`banner ${kind}`} role="alert">
      <p>{text}</p>
      <button type="button" className="close" aria-label="Dismiss" onClick={() => setShown(false)}>
        ×
      </button>
    </div>
  )
}
