'use client'

import { useBffClient } from '@bff/client/react'
import Link from 'next/link'
import { useState } from 'react'
import type { Person } from '../lib/person.ts'

export function Account({ person }: { person: Pick<Person, 'name' | 'initials'> }) {
  const { signOut } = useBffClient()
  const [isLeaving, setLeaving] = useState(false)

  async function leave(): Promise<void> {
    setLeaving(true)
    // What goes wrong is told by the answer: nobody is signed out then.
    await signOut({ returnTo: '/?signed-out' }).catch(() => setLeaving(false))
  }

  return (
    <div className="account">
      <span className="avatar small" aria-hidden="true">
        {person.initials}
      </span>
      <Link className="account-name" href="/profile">
        {person.name}
      </Link>
      <button type="button" className="quiet" onClick={leave} disabled={isLeaving}>
        Sign out
      </button>
    </div>
  )
}
