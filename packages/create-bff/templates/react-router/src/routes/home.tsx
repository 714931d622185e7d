import { useEffect, useState } from 'react'
import { type LoaderFunctionArgs, useLoaderData } from 'react-router'
import { getSession } from '../session.server.ts'

export async function loader(args: LoaderFunctionArgs) {
  const session = await getSession(args)
  if (session === null) return { name: null }
  const { claims } = await session.identity()
  return { name: String(claims['name'] ?? session.userId) }
}

const ask = async (path: string) => (await fetch(path, { headers: { 'X-CSRF': '1' } })).json()

export default function Home() {
  const { name } = useLoaderData<typeof loader>()
  const [answer, setAnswer] = useState<unknown>()
  useEffect(() => {
    if (name !== null) ask('/api/hello').then(setAnswer, console.error)
  }, [name])
  if (name === null)
    return (
      <>
        <h1>Welcome</h1>
        <p>
          <a href="/bff/login">Sign in</a>
        </p>
      </>
    )
  return (
    <>
      <h1>{`Hello, ${name}`}</h1>
      <form method="post" action="/bff/logout">
        <button type="submit">Sign out</button>
      </form>
      <pre>{JSON.stringify(answer, null, 2)}</pre>
    </>
  )
}
