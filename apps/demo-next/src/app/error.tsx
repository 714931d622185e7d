'use client'

import { useRouter } from 'next/navigation'
import { startTransition, useCallback, useEffect } from 'react'
import { Brand } from '../components/brand.tsx'

const RETRY_MS = 5_000

/** A store that does not answer is no sign-out: the page tries again by itself. */
export default function Unreachable({ reset }: { reset: () => void }) {
  const router = useRouter()
  const tryAgain = useCallback(() => {
    startTransition(() => {
      router.refresh()
      reset()
    })
  }, [router, reset])
  useEffect(() => {
    const timer = setInterval(tryAgain, RETRY_MS)
    return () => clearInterval(timer)
  }, [tryAgain])

  return (
    <>
      <header className="bar">
        <Brand />
      </header>
      <main id="main" tabIndex={-1}>
        <section className="waiting" aria-labelledby="unreachable-title">
          <h1 id="unreachable-title">The server does not answer right now</h1>
          <p className="soft">
            You are not signed out: your session is kept, and this page tries again by itself.
          </p>
          <button type="button" onClick={tryAgain}>
            Try again now
          </button>
        </section>
      </main>
    </>
  )
}
