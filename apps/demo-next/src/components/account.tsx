'use client'

import Link from 'next/link'
import { useState } from 'react'
import type { Person } from '../lib/person.ts'
import { signOut } from './page-session.tsx'

export function Account({ person }: { person: Pick<Person, 'name' | 'initials'> }) {
  const [isLeaving, setLeaving] = useState(false)

  async function leave(): Promise<void> {
    setLeaving(true)
    await signOut()
    setLeaving(false)
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
