'use client'

import { useEffect, useState } from 'react'

const ask = async (path: string) => (await fetch(path, { headers: { 'X-CSRF': '1' } })).json()

/** A call to the API from the browser, and a form to sign out. */
export function Account() {
  const [answer, setAnswer] = useState<unknown>(null)
  useEffect(() => {
    ask('/api/hello').then(setAnswer, console.error)
  }, [])
  return (
    <>
      <form method="post" action="/bff/logout">
        <button type="submit">Sign out</button>
      </form>
      <pre>{JSON.stringify(answer, null, 2)}</pre>
    </>
  )
}
