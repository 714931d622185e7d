import { redirect } from 'next/navigation'
import { Who } from '../../../components/who.tsx'
import { getSession } from '../../../lib/bff.ts'
import { personOf } from '../../../lib/person.ts'

/** Only for people who are signed in: `proxy.ts` redirects in time, this decides. */
export default async function Profile() {
  const session = await getSession()
  if (session === null) redirect('/bff/login?returnTo=/profile')
  const person = await personOf(session)
  return (
    <div className="desk">
      <header className="greeting">
        <h1>What the provider says about you</h1>
        <p className="lead">Read from the session by a server component.</p>
      </header>
      <Who person={person} open />
    </div>
  )
}
