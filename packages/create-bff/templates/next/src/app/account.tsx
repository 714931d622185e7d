'use client'

import { useEffect, useState } from 'react'

const ask = async (path: string) => (await fetch(path, { headers: { 'X-CSRF': '1' } })).json()

/** A call to the API from the browser, and the link to sign out. */
export function Account() {
  const [answer, setAnswer] = useState<unknown>(null)
  const [signOut, setSignOut] = useState<string>()
  useEffect(() => {
    ask('/api/hello').then(setAnswer, console.error)
    ask('/bff/user').then((claims: ReadonlyArray<{ type: string; value: string }>) => {
      setSignOut(claims.find(({ type }) => type === 'bff:logout_url')?.value)
    }, console.error)
  }, [])
  return (
    <>
      <p>
        <a href={signOut}>Sign out</a>
      </p>
      <pre>{JSON.stringify(answer, null, 2)}</pre>
    </>
  )
}
