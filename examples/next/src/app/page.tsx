import { getSession } from '../lib/bff.ts'
import { Orders } from './orders.tsx'

export default async function Page() {
  const session = await getSession()
  if (session === null) return <a href="/bff/login">Sign in</a>
  const { claims } = await session.identity()
  return (
    <>
      <p>Hello, {String(claims['name'])}.</p>
      <Orders />
    </>
  )
}
